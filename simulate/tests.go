package simulate

import (
	"cmp"
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// Report is how the tests of a file ended.
type Report struct {
	Path string
	// Err is why the file could not be read.
	Err      error
	Outcomes []Outcome
	// Empty are patterns of rule files that no file matches.
	Empty []string
}

// Failed reports whether anything in the file failed.
func (r Report) Failed() bool {
	return r.Err != nil || slices.ContainsFunc(r.Outcomes, func(o Outcome) bool { return len(o.Failures) > 0 })
}

// RunFiles runs the tests of files, several groups at a time, and returns a report of each, in the order of the files. Groups
// whose names do not match run are left out; nil: none is.
func RunFiles(ctx context.Context, paths []string, run *regexp.Regexp, parallel int, o Options) []Report {
	reports := make([]Report, len(paths))
	var work errgroup.Group
	work.SetLimit(max(1, parallel))
	for i, path := range paths {
		f, err := Read(path)
		reports[i] = Report{Path: path, Err: err}
		if err != nil {
			continue
		}
		reports[i].Empty = f.Empty
		var groups []*Group
		for _, g := range f.Groups {
			if run == nil || run.MatchString(g.asked()) {
				groups = append(groups, g)
			}
		}
		reports[i].Outcomes = make([]Outcome, len(groups))
		for j, g := range groups {
			work.Go(func() error {
				reports[i].Outcomes[j] = f.Run(ctx, g, o)
				return nil
			})
		}
	}
	_ = work.Wait() // no group returns an error: what fails is in its outcome
	return reports
}

// asked is the name that a pattern is held against: a group without one has none.
func (g *Group) asked() string {
	if strings.HasPrefix(g.Name, "unnamed#") {
		return ""
	}
	return g.Name
}

// Coverage says which alerting rules tests make fire.
type Coverage struct {
	Rules []RuleID
	Fired map[RuleID]bool
}

// Cover sums up what reports make fire, and had expected to.
func Cover(reports []Report) Coverage {
	c := Coverage{Fired: map[RuleID]bool{}}
	for _, r := range reports {
		for _, o := range r.Outcomes {
			for _, id := range o.Rules {
				if !slices.Contains(c.Rules, id) {
					c.Rules = append(c.Rules, id)
				}
			}
			for _, id := range o.Fired {
				c.Fired[id] = true
			}
		}
	}
	slices.SortFunc(c.Rules, func(a, b RuleID) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Group, b.Group), cmp.Compare(a.Alert, b.Alert))
	})
	return c
}

// Difference returns what two lists of lines have apart, and together: with - what was expected, with + what came.
func Difference(want, got []string) []string {
	var out []string
	i, j := 0, 0
	for i < len(want) || j < len(got) {
		switch {
		case i < len(want) && j < len(got) && want[i] == got[j]:
			out = append(out, "  "+want[i])
			i, j = i+1, j+1
		case j >= len(got) || i < len(want) && !slices.Contains(got[j:], want[i]):
			out = append(out, "- "+want[i])
			i++
		default:
			out = append(out, "+ "+got[j])
			j++
		}
	}
	return out
}

// Text writes reports for a terminal.
func Text(w io.Writer, reports []Report) error {
	var b strings.Builder
	for _, r := range reports {
		for _, pattern := range r.Empty {
			fmt.Fprintf(&b, "%s: no file matches %s\n", r.Path, pattern)
		}
		if r.Err != nil {
			fmt.Fprintf(&b, "%v\n", r.Err)
		}
		for _, o := range r.Outcomes {
			for _, f := range o.Failures {
				fmt.Fprintf(&b, "%s: %s: ", f.At, f.Group)
				if f.Case != "" {
					fmt.Fprintf(&b, "%s: ", strings.Join(strings.Fields(f.Case), " "))
				}
				fmt.Fprintf(&b, "%s\n", f.Message)
				if f.Expected != nil || f.Got != nil {
					for _, line := range Difference(f.Expected, f.Got) {
						fmt.Fprintf(&b, "   %s\n", line)
					}
				}
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// The report of JUnit, as CI reads it.
type (
	junitFile struct {
		XMLName xml.Name     `xml:"testsuites"`
		Suites  []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name     string   `xml:"name,attr"`
		File     string   `xml:"file,attr,omitempty"`
		Line     int      `xml:"line,attr,omitempty"`
		Time     string   `xml:"time,attr,omitempty"`
		Failures []string `xml:"failure"`
		Errors   []string `xml:"error"`
	}
)

// JUnit writes reports in the format of JUnit: a suite for each file, a test case for each group.
func JUnit(w io.Writer, reports []Report) error {
	var out junitFile
	for _, r := range reports {
		s := junitSuite{Name: r.Path}
		if r.Err != nil {
			s.Errors, s.Tests = 1, 1
			s.Cases = []junitCase{{Name: r.Path, Errors: []string{r.Err.Error()}}}
		}
		for _, o := range r.Outcomes {
			c := junitCase{Name: o.Group.Name, File: r.Path, Line: o.Group.At.Line, Time: fmt.Sprintf("%.3f", o.Took.Round(time.Millisecond).Seconds())}
			for _, f := range o.Failures {
				text := f.At.String() + ": " + f.Case + ": " + f.Message
				for _, line := range Difference(f.Expected, f.Got) {
					text += "\n" + line
				}
				c.Failures = append(c.Failures, text)
			}
			s.Tests++
			if len(c.Failures) > 0 {
				s.Failures++
			}
			s.Cases = append(s.Cases, c)
		}
		out.Suites = append(out.Suites, s)
	}
	data, err := xml.MarshalIndent(out, "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append([]byte(xml.Header), append(data, '\n')...))
	return err
}
