package simulate

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"

	"github.com/obsgen/obsgen/scenario"
)

// TestSpansAgainstManager gives random conditions to Prometheus's manager of rules and to Spans: both fire at the same
// evaluations.
func TestSpansAgainstManager(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 2))
	const every, evaluations = time.Minute, 120
	fired := 0
	for run := range 60 {
		hold, keep := time.Duration(r.IntN(5))*every, time.Duration(r.IntN(5))*every
		text := fmt.Sprintf("groups: [{name: g, rules: [{alert: A, expr: 'x > 0', for: %s, keep_firing_for: %s}]}]", short(hold), short(keep))
		if keep == 0 {
			text = fmt.Sprintf("groups: [{name: g, rules: [{alert: A, expr: 'x > 0', for: %s}]}]", short(hold))
		}
		path := filepath.Join(t.TempDir(), "rules.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		set, err := ReadRules([]string{path}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		data := newStore()
		likely := []int{2, 4, 10}[run%3]
		on := false
		for _, instance := range []string{"a", "b"} {
			x := data.series(labels.FromStrings("__name__", "x", "instance", instance))
			for i := range evaluations {
				if r.IntN(likely) == 0 {
					on = !on
				}
				v := 0.0
				if on {
					v = float64(i + 1)
				}
				x.points = append(x.points, point{t: begin.Add(time.Duration(i) * every).UnixMilli(), v: v})
			}
		}
		manager, err := set.live(t.Context(), &scenario.Data{Evaluation: scenario.Duration(every)}, set.engine, data)
		if err != nil {
			t.Fatal(err)
		}
		end := begin.Add((evaluations - 1) * every)
		var want []string
		for at := begin; !at.After(end); at = at.Add(every) {
			if err := manager.eval(context.Background(), at); err != nil {
				t.Fatal(err)
			}
			for _, rules := range manager.alerts {
				for _, rule := range rules {
					for _, a := range rule.ActiveAlerts() {
						if isFiring(a) {
							want = append(want, fmt.Sprint(at.Sub(begin), a.Labels.Get("instance")))
						}
					}
				}
			}
		}
		q, err := set.engine.NewRangeQuery(t.Context(), data, nil, "x > 0", begin, end, every)
		if err != nil {
			t.Fatal(err)
		}
		m, err := q.Exec(t.Context()).Matrix()
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		spans := Spans(m, hold, keep, every, end)
		for at := begin; !at.After(end); at = at.Add(every) {
			for _, s := range spans {
				if !at.Before(s.From) && (at.Before(s.To) || s.Open && !at.After(s.To)) {
					got = append(got, fmt.Sprint(at.Sub(begin), s.Labels.Get("instance")))
				}
			}
		}
		q.Close()
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(want, got) {
			t.Fatalf("for %s, keep %s: it fires\n%q\nin the manager, and\n%q\nhere", hold, keep, want, got)
		}
		fired += len(want)
	}
	if fired < 1000 {
		t.Errorf("it fired at %d evaluations only", fired)
	}
	if got := Spans(promql.Matrix{}, 0, 0, every, begin); len(got) != 0 {
		t.Errorf("no series, and %v", got)
	}
}
