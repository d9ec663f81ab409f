package gate_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/obsgen/obsgen/gate"
	"github.com/obsgen/obsgen/query"
	"github.com/obsgen/obsgen/unit"
)

// TestServer asks a Prometheus about ten minutes: what looks back further tells of the time before, what is gone at the end has no
// data, and what it warns of is told.
func TestServer(t *testing.T) {
	end := time.Date(2026, 1, 5, 12, 10, 0, 0, time.UTC)
	start := end.Add(-10 * time.Minute)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		text, warnings, last := r.Form.Get("query"), "", end
		switch {
		case strings.HasPrefix(text, "count(") && strings.Contains(text, "gone_total"):
			last = end.Add(-5 * time.Minute)
		case strings.HasPrefix(text, "count("):
		case strings.Contains(text, "partial"):
			warnings = `,"warnings":["partial response"]`
		}
		var values []string
		for at := start; !at.After(last); at = at.Add(15 * time.Second) {
			values = append(values, fmt.Sprintf(`[%d,"1"]`, at.Unix()))
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[%s]}]}%s}`, strings.Join(values, ","), warnings)
	}))
	defer web.Close()
	for _, c := range []struct {
		value string
		want  gate.State
		why   string
	}{
		{`rate(a_total[5m])`, gate.Good, ""},
		{`rate(a_total[10m])`, gate.Good, ""},
		{`rate(a_total[1h])`, gate.Skipped, "it looks back 1h, and the load lasted 10m"},
		{`rate(a_total[5m] offset 30d)`, gate.Skipped, "it looks back 30d5m"},
		{`avg_over_time(a[30d:5m])`, gate.Skipped, "it looks back 30d,"},
		{`rate(gone_total{job="x", code="500"}[5m]) / rate(a_total[5m]) or vector(0)`, gate.NoData, "gone_total was there at first and is not at the end"},
		{`absent(gone_total)`, gate.Good, ""},
	} {
		s, err := gate.NewServer(web.URL, nil, start, end, 15*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		value, err := query.ParseText(c.value)
		if err != nil {
			t.Fatal(err)
		}
		out, err := gate.Run(t.Context(), s, []gate.Check{{Name: "C", Condition: value, Value: value, Op: query.Greater, Threshold: 5, Unit: unit.One, For: time.Hour}})
		if err != nil {
			t.Fatal(err)
		}
		if c.want == gate.Good { // the condition gives its values here
			c.want = gate.Touched
		}
		if out[0].State != c.want || !strings.Contains(out[0].Why, c.why) {
			t.Errorf("%s: %s, %q", c.value, out[0].State, out[0].Why)
		}
	}
	s, err := gate.NewServer(web.URL, nil, start, end, 15*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	e, err := query.ParseText("partial")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Series(t.Context(), e); err != nil || !slices.Equal(s.Warnings(), []string{"partial response"}) {
		t.Errorf("%v, %q", err, s.Warnings())
	}
	long, err := query.ParseText("rate(a[11m])")
	if err != nil {
		t.Fatal(err)
	}
	var no *gate.ErrUnmeasurable
	if _, err := s.Series(t.Context(), long); !errors.As(err, &no) {
		t.Errorf("a window of 11 minutes: %v", err)
	}
}
