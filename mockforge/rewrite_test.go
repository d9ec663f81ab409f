package mockforge_test

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/internal/engine"
	"github.com/obsgen/obsgen/plan"
	"github.com/obsgen/obsgen/query"
)

// TestRewrittenFormsAreEqual evaluates every rule and panel in the form that was written and in the form
// that reads recorded series, in Prometheus's engine on the same data.
func TestRewrittenFormsAreEqual(t *testing.T) {
	p := plans(t)[0]
	start := time.Unix(1_700_000_000, 0)
	m := &engine.Memory{}
	engine.Fill(m, p.Catalog, p.Profile.Job, start, 240, 1)
	at := start.Add(50 * time.Minute)
	vectorAt := func(e parser.Expr, at time.Time) []engine.Result {
		t.Helper()
		text := strings.ReplaceAll(query.Text(e, "5m", false), plan.RateInterval, "5m")
		for _, b := range p.Boards {
			for _, v := range b.Variables {
				text = strings.ReplaceAll(text, `=~"$`+v.Name+`"`, `=~".*"`)
				text = strings.ReplaceAll(text, `="$`+v.Name+`"`, `=~".*"`)
			}
		}
		v, err := m.Query(t.Context(), text, at)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	eval := func(e parser.Expr) map[string]float64 {
		t.Helper()
		out := map[string]float64{}
		for _, s := range vectorAt(e, at) {
			out[s.Labels.DropReserved(func(n string) bool { return n == model.MetricNameLabel }).String()] = s.Value
		}
		return out
	}
	// Subqueries look at multiples of their step, whatever the time of the query.
	const step = 5 * time.Minute
	moments := []time.Time{at}
	for x := at.Truncate(step); x.After(start); x = x.Add(-step) {
		moments = append(moments, x)
	}
	slices.Reverse(moments)
	for _, g := range p.Groups {
		for _, r := range g.Rules {
			if r.Alert != nil {
				continue
			}
			for _, moment := range moments {
				v := vectorAt(r.Source.Tree, moment)
				if len(v) == 0 && moment == at {
					t.Fatalf("%s records nothing", r.Record)
				}
				for _, s := range v {
					b := labels.NewBuilder(s.Labels)
					b.Set(model.MetricNameLabel, r.Record)
					m.Add(b.Labels(), moment, s.Value)
				}
			}
		}
	}
	rewritten := 0
	compare := func(what string, source, expr plan.Expr) {
		if source.Text() == expr.Text() {
			return
		}
		rewritten++
		want, got := eval(source.Tree), eval(expr.Tree)
		if len(want) != len(got) {
			t.Errorf("%s: %d series as written, %d as rewritten", what, len(want), len(got))
		}
		for k, w := range want {
			if g, ok := got[k]; !ok || math.Abs(g-w) > 1e-9*math.Max(1, math.Abs(w)) && !(math.IsNaN(g) && math.IsNaN(w)) {
				t.Errorf("%s%s: %v as written, %v as rewritten", what, k, w, g)
			}
		}
	}
	for _, g := range p.Groups {
		for _, r := range g.Rules {
			compare(r.Name(), r.Source, r.Expr)
			if r.Alert != nil && r.Alert.HasThreshold && len(r.Reads) > 0 {
				if len(eval(r.Alert.Value.Tree)) == 0 {
					t.Errorf("%s compares nothing", r.Name())
				}
			}
		}
	}
	for _, b := range p.Boards {
		for _, panel := range b.Panels() {
			for _, target := range panel.Targets {
				compare(panel.Title, target.Source, target.Expr)
			}
		}
	}
	if rewritten == 0 {
		t.Error("nothing was rewritten")
	}
	t.Logf("%d expressions are rewritten", rewritten)
}
