package mockforge_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/util/annotations"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/plan"
	"github.com/obsgen/obsgen/query"
)

// memory is a storage of float samples.
type memory struct{ series map[string]*stored }

type stored struct {
	labels  labels.Labels
	samples []chunks.Sample
}

type sample struct {
	t int64
	v float64
}

func (s sample) T() int64                      { return s.t }
func (s sample) ST() int64                     { return 0 }
func (s sample) F() float64                    { return s.v }
func (s sample) H() *histogram.Histogram       { return nil }
func (s sample) FH() *histogram.FloatHistogram { return nil }
func (s sample) Type() chunkenc.ValueType      { return chunkenc.ValFloat }
func (s sample) Copy() chunks.Sample           { return s }

func (m *memory) add(ls labels.Labels, t time.Time, v float64) {
	key := ls.String()
	if m.series[key] == nil {
		m.series[key] = &stored{labels: ls}
	}
	m.series[key].samples = append(m.series[key].samples, sample{t.UnixMilli(), v})
}

// Querier returns the whole storage, whatever the times.
func (m *memory) Querier(_, _ int64) (storage.Querier, error) { return m, nil }

// Select returns the series that all matchers accept.
func (m *memory) Select(_ context.Context, _ bool, _ *storage.SelectHints, ms ...*labels.Matcher) storage.SeriesSet {
	var out []storage.Series
	for _, s := range m.series {
		if !slices.ContainsFunc(ms, func(x *labels.Matcher) bool { return !x.Matches(s.labels.Get(x.Name)) }) {
			out = append(out, storage.NewListSeries(s.labels, s.samples))
		}
	}
	slices.SortFunc(out, func(a, b storage.Series) int { return labels.Compare(a.Labels(), b.Labels()) })
	return &seriesSet{list: out}
}

// LabelValues is not asked for by the engine.
func (*memory) LabelValues(context.Context, string, *storage.LabelHints, ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, nil
}

// LabelNames is not asked for by the engine.
func (*memory) LabelNames(context.Context, *storage.LabelHints, ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, nil
}

// Close closes nothing.
func (*memory) Close() error { return nil }

type seriesSet struct {
	list []storage.Series
	at   int
}

func (s *seriesSet) Next() bool                        { s.at++; return s.at <= len(s.list) }
func (s *seriesSet) At() storage.Series                { return s.list[s.at-1] }
func (s *seriesSet) Err() error                        { return nil }
func (s *seriesSet) Warnings() annotations.Annotations { return nil }

// fill writes an hour of every metric of the catalog, two values for each open label, seeded.
func fill(m *memory, c *catalog.Catalog, start time.Time) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, metric := range c.Metrics() {
		sets := []map[string]string{{"job": "mockforge", "instance": "a:9090"}, {"job": "mockforge", "instance": "b:9090"}}
		for _, l := range metric.Labels {
			values := l.Values
			if values == nil {
				values = []string{"one", "two"}
			}
			var more []map[string]string
			for _, s := range sets {
				for _, v := range values[:min(len(values), 3)] {
					with := map[string]string{l.Name: v}
					for k, x := range s {
						with[k] = x
					}
					more = append(more, with)
				}
			}
			sets = more
		}
		for _, set := range sets {
			total, speed := 0.0, r.Float64()*5
			for step := range 240 {
				at := start.Add(time.Duration(step) * 15 * time.Second)
				if r.IntN(200) == 0 {
					total = 0 // a restart
				}
				n := math.Floor(r.Float64() * speed * 15)
				total += n
				put := func(name string, v float64, extra ...string) {
					b := labels.NewBuilder(labels.FromMap(set))
					b.Set("__name__", name)
					for i := 0; i+1 < len(extra); i += 2 {
						b.Set(extra[i], extra[i+1])
					}
					m.add(b.Labels(), at, v)
				}
				switch {
				case metric.Classic():
					for i, bound := range metric.Buckets {
						put(metric.Name+"_bucket", math.Floor(total*float64(i)/float64(len(metric.Buckets))), "le", fmt.Sprint(bound))
					}
					put(metric.Name+"_bucket", total, "le", "+Inf")
					put(metric.Name+"_count", total)
					put(metric.Name+"_sum", total*0.3)
				case metric.Kind == catalog.KindCounter:
					put(metric.Name, total)
				default:
					put(metric.Name, r.Float64()*100)
				}
			}
		}
	}
}

// TestRewrittenFormsAreEqual evaluates every rule and panel in the form that was written and in the form
// that reads recorded series, in Prometheus's engine on the same data.
func TestRewrittenFormsAreEqual(t *testing.T) {
	engine := promql.NewEngine(promql.EngineOpts{
		MaxSamples: 5e7, Timeout: time.Minute, EnableAtModifier: true, EnableNegativeOffset: true, Logger: promslog.NewNopLogger(),
		Parser: parser.NewParser(parser.Options{EnableExperimentalFunctions: true}),
	})
	p := plans(t)[0]
	start := time.Unix(1_700_000_000, 0)
	m := &memory{series: map[string]*stored{}}
	fill(m, p.Catalog, start)
	at := start.Add(50 * time.Minute)
	vectorAt := func(e parser.Expr, at time.Time) promql.Vector {
		t.Helper()
		text := strings.ReplaceAll(query.Text(e, "5m", false), plan.RateInterval, "5m")
		for _, b := range p.Boards {
			for _, v := range b.Variables {
				text = strings.ReplaceAll(text, `"$`+v.Name+`"`, `".*"`)
			}
		}
		q, err := engine.NewInstantQuery(t.Context(), m, nil, text, at)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		defer q.Close()
		v, err := q.Exec(t.Context()).Vector()
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		return slices.Clone(v) // Close takes the engine's own back
	}
	eval := func(e parser.Expr) map[string]float64 {
		t.Helper()
		out := map[string]float64{}
		for _, s := range vectorAt(e, at) {
			out[s.Metric.DropReserved(func(n string) bool { return n == "__name__" }).String()] = s.F
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
					b := labels.NewBuilder(s.Metric)
					b.Set("__name__", r.Record)
					m.add(b.Labels(), moment, s.F)
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
