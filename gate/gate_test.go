package gate_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/gate"
	"github.com/obsgen/obsgen/query"
	"github.com/obsgen/obsgen/unit"
)

// answers are what expressions give, minute by minute; a letter for none.
type answers map[string]string

func (answers) Step() time.Duration { return time.Minute }

func (answers) Warnings() []string { return nil }

func (answers) Vanished(context.Context, parser.Expr) (string, error) { return "", nil }

func (a answers) Series(_ context.Context, e parser.Expr) ([]gate.Series, error) {
	text, ok := a[e.String()]
	switch {
	case !ok:
		return nil, nil
	case text == "unmeasurable":
		return nil, &gate.ErrUnmeasurable{Why: "why not"}
	case text == "fault":
		return nil, errors.New("fault")
	}
	s := gate.Series{Labels: `{a="b"}`}
	for i, f := range strings.Fields(text) {
		var v float64
		if _, err := fmt.Sscan(f, &v); err == nil {
			s.Points = append(s.Points, gate.Point{At: time.Unix(0, 0).Add(time.Duration(i) * time.Minute), Value: v})
		}
	}
	return []gate.Series{s}, nil
}

func TestRun(t *testing.T) {
	expr := func(text string) parser.Expr {
		e, err := query.ParseText(text)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	for _, c := range []struct {
		name  string
		value string // x
		held  string // x > 5
		wait  time.Duration
		op    query.Comparison
		want  string
	}{
		{"never", "1 2 3", "", 0, query.Greater, "good 3 0s"},
		{"at once", "1 7 3", "- 7 -", 0, query.Greater, "exceeded 7 0s"},
		{"not for long", "6 7 3 8", "6 7 - 8", 2 * time.Minute, query.Greater, "touched 8 1m0s"},
		{"for long", "6 7 8 3", "6 7 8 -", 2 * time.Minute, query.Greater, "exceeded 8 2m0s"},
		{"with a gap", "6 7 3 8 9", "6 7 - 8 9", 2 * time.Minute, query.Greater, "touched 9 1m0s"},
		{"below", "9 7 8", "", 0, query.Less, "good 7 0s"},
		{"none", "", "", 0, query.Greater, "no data NaN 0s"},
		{"cannot", "unmeasurable", "", 0, query.Greater, "skipped NaN 0s"},
	} {
		a := answers{}
		if c.value != "" {
			a["x"] = c.value
		}
		if c.held != "" {
			a["x > 5"] = c.held
		}
		out, err := gate.Run(t.Context(), a, []gate.Check{{Name: "C", For: c.wait, Condition: expr("x > 5"), Value: expr("x"), Op: c.op, Threshold: 5, Unit: unit.One}})
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(out[0].State, " ", out[0].Worst, " ", out[0].Held); got != c.want {
			t.Errorf("%s: %s; want %s", c.name, got, c.want)
		}
	}
	if _, err := gate.Run(t.Context(), answers{"x": "fault"}, []gate.Check{{Name: "C", Condition: expr("x")}}); err == nil || !strings.Contains(err.Error(), "C: fault") {
		t.Errorf("a query that fails: %v", err)
	}
}

// TestScrapesThatGrow looks at series that are in the second scrape alone: what they count is growth.
func TestScrapesThatGrow(t *testing.T) {
	s, err := gate.NewScrapes([]byte("a_total{b=\"1\"} 10\nc 1\n"), []byte("a_total{b=\"1\"} 70\na_total{b=\"2\"} 60\nc 1\nd 5\n"), time.Minute, "job")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{"sum(rate(a_total[5m]))": "2", "rate(d[5m])": "", "d": "5"} {
		e, err := query.ParseText(text)
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Series(t.Context(), e)
		if err != nil {
			t.Fatal(err)
		}
		value := ""
		if len(got) == 1 {
			value = fmt.Sprintf("%.4g", got[0].Points[0].Value)
		}
		if value != want {
			t.Errorf("%s is %q; want %q", text, value, want)
		}
	}
}

// FuzzScrapes looks for expositions that are read and then cannot be asked.
func FuzzScrapes(f *testing.F) {
	f.Add([]byte("a_total{b=\"c\"} 1\n"), []byte("# TYPE a counter\na_total{b=\"c\"} 2\n# EOF\n"))
	f.Fuzz(func(t *testing.T, before, after []byte) {
		s, err := gate.NewScrapes(before, after, time.Minute, "job")
		if err != nil {
			return
		}
		e, err := query.ParseText("rate(a_total[5m])")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Series(t.Context(), e); err != nil && !strings.Contains(err.Error(), "duplicate") && !strings.Contains(err.Error(), "same labelset") {
			t.Error(err)
		}
	})
}
