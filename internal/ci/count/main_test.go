package main

import (
	"errors"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/rogpeppe/go-internal/txtar"
)

// TestCountOfRealRun counts a module whose packages end in all the ways there are.
func TestCountOfRealRun(t *testing.T) {
	archive, err := txtar.ParseFile(filepath.Join("testdata", "outcomes.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := txtar.Write(archive, dir); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		corpusAbsent bool
		packages     []string
		good         bool
		last         string
		says         []string
	}{
		{packages: []string{"./good"}, good: true, last: "4 passed, 0 failed"},
		{packages: []string{"./good", "./none"}, good: true, last: "4 passed, 0 failed"},
		{corpusAbsent: true, packages: []string{"./good", "./lacks"}, good: true, last: "4 passed, 0 failed, 1 skipped"},
		{packages: []string{"./good", "./lacks"}, last: "4 passed, 1 failed", says: []string{
			`m/lacks: TestFiles skips, and not for want of the corpus`, `the corpus is absent`}},
		{corpusAbsent: true, packages: []string{"./lazy"}, last: "0 passed, 1 failed", says: []string{
			`m/lazy: TestCorpus skips, and not for want of the corpus`, `lazy_test.go:5: slow`}},
		{packages: []string{"./bad"}, last: "1 passed, 2 failed", says: []string{
			`m/bad: TestSum/two\n`, `bad_test.go:7: 2 is not 3`, `FAIL\texample.org/m/bad`}},
		{packages: []string{"./good", "./broken"}, last: "4 passed, 1 failed", says: []string{
			`broken.go:3:\d+: undefined: nothing`, `m/broken: fails beside its tests`}},
		{packages: []string{"./vetted"}, last: "0 passed, 1 failed", says: []string{`Sprintf format %d has arg`}},
		{packages: []string{"./panics"}, last: "1 passed, 1 failed", says: []string{`panic: out of cheese`}},
		{packages: []string{"./exits"}, last: "1 passed, 1 failed", says: []string{`m/exits: TestExit came to no end`}},
		{packages: []string{"./none"}, last: "0 passed, 0 failed", says: []string{`no test ran`}},
	} {
		t.Run(strings.Join(c.packages, " "), func(t *testing.T) {
			cmd := exec.Command("go", append([]string{"test", "-json"}, c.packages...)...)
			cmd.Dir = dir
			out, err := cmd.Output()
			if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
				t.Fatal(err)
			}
			got, good := count(t, string(out), c.corpusAbsent)
			checkLast(t, got, c.last)
			if good != c.good {
				t.Errorf("good is %v, want %v", good, c.good)
			}
			for _, p := range c.says {
				if !regexp.MustCompile(p).MatchString(got) {
					t.Errorf("no match of %q in:\n%s", p, got)
				}
			}
		})
	}
}

// TestCountOfBrokenInput counts what go test printed before it was killed, and what is no event.
func TestCountOfBrokenInput(t *testing.T) {
	for name, c := range map[string]struct{ in, last string }{
		"empty":        {"", "0 passed, 0 failed"},
		"no events":    {"go: cannot find main module\n", "0 passed, 0 failed"},
		"package open": {`{"Action":"start","Package":"m/a"}` + "\n", "0 passed, 1 failed"},
		"test open": {`{"Action":"start","Package":"m/a"}
{"Action":"run","Package":"m/a","Test":"TestA"}
{"Action":"pass","Package":"m/a","Test":"TestA"}
{"Action":"run","Package":"m/a","Test":"TestB"}
{"Action":"out`, "1 passed, 1 failed"},
	} {
		t.Run(name, func(t *testing.T) {
			got, good := count(t, c.in, false)
			if good {
				t.Error("taken for good")
			}
			checkLast(t, got, c.last)
		})
	}
	c := newCounter(t.Output(), false)
	if err := c.read(iotest.ErrReader(errors.New("pipe broke"))); err == nil {
		t.Error("an error of reading is lost")
	}
}

func count(t *testing.T, in string, corpusAbsent bool) (out string, good bool) {
	t.Helper()
	var w strings.Builder
	c := newCounter(&w, corpusAbsent)
	if err := c.read(strings.NewReader(in)); err != nil {
		t.Fatal(err)
	}
	good = c.finish()
	return w.String(), good
}

func checkLast(t *testing.T, out, want string) {
	t.Helper()
	if lines := strings.Split(out, "\n"); len(lines) < 2 || lines[len(lines)-2] != want || lines[len(lines)-1] != "" {
		t.Errorf("the last line is not %q:\n%s", want, out)
	}
}
