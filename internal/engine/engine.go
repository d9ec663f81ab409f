// Package engine evaluates PromQL in Prometheus's own engine, on samples held in memory.
package engine

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/util/annotations"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/query"
)

// Memory is a storage of samples. The zero Memory is empty. It is not for concurrent use while samples are added.
type Memory struct {
	// Engine evaluates queries; nil: the one of New(nil).
	Engine *promql.Engine

	series map[string]*stored
}

type stored struct {
	labels  labels.Labels
	samples []chunks.Sample
}

type sample struct {
	t int64
	v float64
	h *histogram.FloatHistogram
}

func (s sample) T() int64                { return s.t }
func (s sample) ST() int64               { return 0 }
func (s sample) F() float64              { return s.v }
func (s sample) H() *histogram.Histogram { return nil }
func (s sample) Copy() chunks.Sample     { return s }

// FH returns a copy, since the engine calculates in the histograms that it reads.
func (s sample) FH() *histogram.FloatHistogram { return s.h.Copy() }

func (s sample) Type() chunkenc.ValueType {
	if s.h != nil {
		return chunkenc.ValFloatHistogram
	}
	return chunkenc.ValFloat
}

// Add adds a sample; those of one series are added in the order of their times.
func (m *Memory) Add(ls labels.Labels, t time.Time, v float64) {
	m.add(ls, sample{t: t.UnixMilli(), v: v})
}

// AddHistogram adds a sample of a native histogram.
func (m *Memory) AddHistogram(ls labels.Labels, t time.Time, h *histogram.FloatHistogram) {
	m.add(ls, sample{t: t.UnixMilli(), h: h})
}

func (m *Memory) add(ls labels.Labels, s sample) {
	if m.series == nil {
		m.series = map[string]*stored{}
	}
	key := ls.String()
	if m.series[key] == nil {
		m.series[key] = &stored{labels: ls}
	}
	m.series[key].samples = append(m.series[key].samples, s)
}

// Querier returns the whole storage, whatever the times.
func (m *Memory) Querier(_, _ int64) (storage.Querier, error) { return m, nil }

// Select returns the series that all matchers accept.
func (m *Memory) Select(_ context.Context, _ bool, _ *storage.SelectHints, ms ...*labels.Matcher) storage.SeriesSet {
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
func (*Memory) LabelValues(context.Context, string, *storage.LabelHints, ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, nil
}

// LabelNames is not asked for by the engine.
func (*Memory) LabelNames(context.Context, *storage.LabelHints, ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, nil
}

// Close closes nothing.
func (*Memory) Close() error { return nil }

type seriesSet struct {
	list []storage.Series
	at   int
}

func (s *seriesSet) Next() bool                        { s.at++; return s.at <= len(s.list) }
func (s *seriesSet) At() storage.Series                { return s.list[s.at-1] }
func (s *seriesSet) Err() error                        { return nil }
func (s *seriesSet) Warnings() annotations.Annotations { return nil }

// New returns the engine of a server with these flags and the usual bounds. All commands evaluate in such a one.
func New(features query.Features) *promql.Engine {
	return promql.NewEngine(promql.EngineOpts{
		Logger: promslog.NewNopLogger(), MaxSamples: 5e7, Timeout: 2 * time.Minute, LookbackDelta: 5 * time.Minute,
		NoStepSubqueryIntervalFn: func(int64) int64 { return time.Minute.Milliseconds() },
		EnableAtModifier:         true, EnableNegativeOffset: true,
		EnableDelayedNameRemoval: features.Has(query.DelayedNameRemoval), Parser: features.Parser(),
	})
}

// usual evaluates what no other engine was named for.
var usual = New(nil)

func (m *Memory) engine() *promql.Engine {
	if m.Engine != nil {
		return m.Engine
	}
	return usual
}

// Result is one series of an instant query's answer.
type Result struct {
	Labels labels.Labels
	Value  float64
	Native bool // a histogram, which has no one value
}

// Query evaluates an expression at a moment. A scalar comes as one series without labels; a string or a range of
// samples is an error.
func (m *Memory) Query(ctx context.Context, text string, at time.Time) ([]Result, error) {
	q, err := m.engine().NewInstantQuery(ctx, m, nil, text, at)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", text, err)
	}
	defer q.Close()
	res := q.Exec(ctx)
	if res.Err != nil {
		return nil, fmt.Errorf("%s: %w", text, res.Err)
	}
	switch v := res.Value.(type) {
	case promql.Scalar:
		return []Result{{Value: v.V}}, nil
	case promql.Vector:
		out := make([]Result, len(v))
		for i, s := range v {
			out[i] = Result{Labels: s.Metric, Value: s.F, Native: s.H != nil}
		}
		return out, nil
	default:
		return nil, fmt.Errorf("%s gives a %s", text, res.Value.Type())
	}
}

// Range evaluates an expression at moments that are a step apart, from one to another, and calls f with each number that comes:
// those of one series one after the other.
func (m *Memory) Range(ctx context.Context, text string, from, to time.Time, step time.Duration, f func(labels.Labels, time.Time, float64)) error {
	q, err := m.engine().NewRangeQuery(ctx, m, nil, text, from, to, step)
	if err != nil {
		return fmt.Errorf("%s: %w", text, err)
	}
	defer q.Close()
	res := q.Exec(ctx)
	if res.Err != nil {
		return fmt.Errorf("%s: %w", text, res.Err)
	}
	matrix, err := res.Matrix()
	if err != nil {
		return fmt.Errorf("%s: %w", text, err)
	}
	for _, s := range matrix {
		for _, p := range s.Floats {
			f(s.Metric, time.UnixMilli(p.T).UTC(), p.F)
		}
	}
	return nil
}

// Step is the time between the samples of Fill.
const Step = 15 * time.Second

// Fill writes samples of every metric of a catalog from start on, one every Step: for two instances of the job, up to
// three values of each closed label and two of each open one. What is random follows from the seed. Values keep the
// metrics' ranges; counters fall now and then, as restarts make them.
func Fill(m *Memory, c *catalog.Catalog, job string, start time.Time, steps int, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 2))
	for _, metric := range c.Metrics() {
		sets := []map[string]string{{"job": job, "instance": "a:9090"}, {"job": job, "instance": "b:9090"}}
		for _, l := range metric.Labels {
			values := l.Values
			switch {
			case values != nil:
			case l.Pattern != "":
				values = []string{"200", "503"}
			default:
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
			fill(m, metric, set, start, steps, r)
		}
	}
}

func fill(m *Memory, metric *catalog.Metric, set map[string]string, start time.Time, steps int, r *rand.Rand) {
	total, speed := 0.0, r.Float64()*5
	for step := range steps {
		at := start.Add(time.Duration(step) * Step)
		if r.IntN(200) == 0 {
			total = 0 // a restart
		}
		total += math.Floor(r.Float64() * speed * Step.Seconds())
		put := func(name string, v float64, extra ...string) {
			b := labels.NewBuilder(labels.FromMap(set))
			b.Set(model.MetricNameLabel, name)
			for i := 0; i+1 < len(extra); i += 2 {
				b.Set(extra[i], extra[i+1])
			}
			m.Add(b.Labels(), at, v)
		}
		switch {
		case metric.Classic():
			for i, bound := range metric.Buckets {
				put(metric.Name+"_bucket", math.Floor(total*float64(i)/float64(len(metric.Buckets))), labels.BucketLabel, Bucket(bound))
			}
			put(metric.Name+"_bucket", total, labels.BucketLabel, "+Inf")
			put(metric.Name+"_count", total)
			put(metric.Name+"_sum", total*metric.Buckets[0])
		case metric.IsNative():
			b := labels.NewBuilder(labels.FromMap(set))
			b.Set(model.MetricNameLabel, metric.Name)
			m.AddHistogram(b.Labels(), at, native(total))
		case metric.Kind == catalog.KindCounter:
			put(metric.Name, total)
		default:
			put(metric.Name, gauge(metric, r))
		}
	}
}

// Bucket returns the label le as Prometheus 3 stores it, whatever the target writes: 1.0.
func Bucket(bound float64) string {
	s := strconv.FormatFloat(bound, 'g', -1, 64)
	if bound == math.Trunc(bound) && !strings.Contains(s, "e") {
		s += ".0"
	}
	return s
}

// gauge returns a value that the metric can have.
func gauge(m *catalog.Metric, r *rand.Rand) float64 {
	if n := len(m.States); n > 0 {
		return m.States[r.IntN(n)].Value
	}
	lo, hi := m.Range.Min, m.Range.Max
	if m.Range.IsZero() {
		lo, hi = math.Inf(-1), math.Inf(1)
	}
	lo, hi = max(lo, min(hi, 1)-1), min(hi, max(lo, 0)+100)
	if lo == hi {
		return lo
	}
	return lo + math.Floor(r.Float64()*1000)/1000*(hi-lo)
}

// native returns a histogram of so many observations, in two exponential buckets.
func native(n float64) *histogram.FloatHistogram {
	return &histogram.FloatHistogram{
		Schema: 2, Count: n, Sum: n, ZeroThreshold: 1e-128,
		PositiveSpans: []histogram.Span{{Offset: 0, Length: 2}}, PositiveBuckets: []float64{math.Floor(n / 2), n - math.Floor(n/2)},
	}
}
