// Command count reads what go test -json prints, shows of it what a person wants to see, and ends with
// one line that counts the tests, such as "812 passed, 0 failed, 3 skipped". It exits with 1 unless
// tests ran and none failed.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
)

func main() {
	corpus := flag.String("corpus", "", "folder without which tests may skip; their message must say corpus")
	flag.Parse()
	absent := false
	if *corpus != "" {
		_, err := os.Stat(*corpus)
		absent = errors.Is(err, fs.ErrNotExist)
	}
	c := newCounter(os.Stdout, absent)
	if err := c.read(os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, err)
		c.failed++
	}
	if !c.finish() {
		os.Exit(1)
	}
}

// event is one line of go test -json, see "go doc test2json" and "go help buildjson".
type event struct {
	Action  string
	Package string
	Test    string
	Output  string
	Elapsed float64
}

// counter turns events into a report and a count. A test and each of its subtests count one each; so
// does a package that fails beside its tests, as when it does not compile.
type counter struct {
	w                       io.Writer
	corpusAbsent            bool
	passed, failed, skipped int
	open                    map[string]*pkg // packages without a result
}

// pkg is what is known of a package while its tests run.
type pkg struct {
	failed bool
	tests  map[string]*bytes.Buffer // output of the tests without a result; "" is the package itself
}

func newCounter(w io.Writer, corpusAbsent bool) *counter {
	return &counter{w: w, corpusAbsent: corpusAbsent, open: map[string]*pkg{}}
}

func (c *counter) read(r io.Reader) error {
	for lines := bufio.NewReader(r); ; {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			var e event
			if json.Unmarshal(line, &e) == nil {
				c.take(e)
			} else { // not of go test, but perhaps the reason why nothing else comes
				c.w.Write(line)
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (c *counter) take(e event) {
	if e.Action == "build-output" {
		fmt.Fprint(c.w, e.Output)
	}
	if e.Package == "" {
		return // of the build; the packages that cannot run for it fail by themselves
	}
	p := c.open[e.Package]
	if p == nil {
		p = &pkg{tests: map[string]*bytes.Buffer{"": {}}}
		c.open[e.Package] = p
	}
	out := p.tests[e.Test]
	if out == nil {
		out = new(bytes.Buffer)
		p.tests[e.Test] = out
	}
	switch e.Action {
	case "output":
		out.WriteString(e.Output)
	case "pass", "fail", "skip":
		if e.Test == "" {
			c.endPackage(e, p)
			delete(c.open, e.Package)
		} else {
			c.endTest(e, p, out.String())
			delete(p.tests, e.Test)
		}
	}
}

func (c *counter) endTest(e event, p *pkg, out string) {
	switch {
	case e.Action == "pass":
		c.passed++
	case e.Action == "skip" && c.excused(out):
		c.skipped++
	case e.Action == "skip":
		c.fail(p, "%s: %s skips, and not for want of the corpus\n%s", e.Package, e.Test, out)
	default:
		c.fail(p, "%s: %s\n%s", e.Package, e.Test, out)
	}
}

func (c *counter) endPackage(e event, p *pkg) {
	switch e.Action {
	case "pass":
		fmt.Fprintf(c.w, "ok\t%s\t%.1fs\n", e.Package, e.Elapsed)
	case "fail":
		c.unfinished(e.Package, p)
		if out := p.tests[""].String(); !p.failed {
			c.fail(p, "%s: fails beside its tests\n%s", e.Package, out)
		}
		fmt.Fprintf(c.w, "FAIL\t%s\t%.1fs\n", e.Package, e.Elapsed)
	}
}

// unfinished fails the tests of a package that began and came to no end: it timed out or was killed.
func (c *counter) unfinished(name string, p *pkg) {
	for _, test := range slices.Sorted(maps.Keys(p.tests)) {
		if test != "" {
			c.fail(p, "%s: %s came to no end\n%s", name, test, p.tests[test])
		}
	}
}

func (c *counter) fail(p *pkg, format string, args ...any) {
	c.failed++
	p.failed = true
	fmt.Fprintf(c.w, format, args...)
}

// excused reports whether a skipped test says that it lacks the corpus, and is right.
func (c *counter) excused(out string) bool {
	if !c.corpusAbsent {
		return false
	}
	for line := range strings.Lines(out) {
		frame := strings.TrimLeft(line, " ")
		// Lines that name the test do not say why it skips.
		if strings.HasPrefix(frame, "=== ") || strings.HasPrefix(frame, "--- ") {
			continue
		}
		if strings.Contains(strings.ToLower(line), "corpus") {
			return true
		}
	}
	return false
}

// finish fails what is still open, prints the count and reports whether all is well.
func (c *counter) finish() bool {
	for _, name := range slices.Sorted(maps.Keys(c.open)) {
		c.endPackage(event{Action: "fail", Package: name}, c.open[name])
	}
	if c.passed+c.failed == 0 {
		fmt.Fprintln(c.w, "no test ran")
	}
	fmt.Fprintf(c.w, "%d passed, %d failed", c.passed, c.failed)
	if c.skipped > 0 {
		fmt.Fprintf(c.w, ", %d skipped", c.skipped)
	}
	fmt.Fprintln(c.w)
	return c.failed == 0 && c.passed > 0
}
