package instrument

import (
	"context"
	"math"
	"slices"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/model"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/obsgen/obsgen/catalog"
)

// Counter is a counter of the catalog, ready to be written.
type Counter[S catalog.LabelSet] struct{ v *vec[CounterSeries] }

// NewCounter returns the counter of a registry. Where the registry's catalog does not have it, Registry.Err says so.
func NewCounter[S catalog.LabelSet](r *Registry, m catalog.Counter[S]) Counter[S] {
	return Counter[S]{vecOf[CounterSeries](r, m.Metric)}
}

// With returns the series of a key. It can be kept: it is the same for ever.
func (c Counter[S]) With(k catalog.Key[S]) *CounterSeries { return c.v.with(k.Values()) }

// OnlyCounter returns the one series of a counter without labels.
func OnlyCounter(r *Registry, m catalog.Counter[catalog.None]) *CounterSeries {
	return NewCounter(r, m).With(catalog.None{}.Of())
}

// CounterSeries is one series of a counter. Its methods may be called from several goroutines.
type CounterSeries struct {
	n        atomic.Uint64 // whole steps
	rest     atomic.Uint64 // the bits of the sum of all others
	exemplar atomic.Pointer[dto.Exemplar]
	meta     meta
}

// Inc adds 1.
func (c *CounterSeries) Inc() { c.n.Add(1) }

// Add adds v, which is not negative; what is negative or NaN is left out, since a counter never falls.
func (c *CounterSeries) Add(v float64) {
	if n := uint64(v); float64(n) == v {
		c.n.Add(n)
		return
	}
	if v > 0 {
		addFloat(&c.rest, v)
	}
}

// AddWithExemplar adds v and remembers by what labels, such as a trace_id, this addition can be looked up. Labels have at
// most 128 characters together, values are UTF-8 and names are those of labels; other exemplars are left out, and v counts.
func (c *CounterSeries) AddWithExemplar(v float64, labels prometheus.Labels) {
	c.Add(v)
	if e := exemplar(v, labels); e != nil {
		c.exemplar.Store(e)
	}
}

// IncContext adds 1, with the exemplar that the registry's WithExemplars finds in ctx.
func (c *CounterSeries) IncContext(ctx context.Context) {
	if c.meta.exemplar != nil {
		if labels := c.meta.exemplar(ctx); len(labels) > 0 {
			c.AddWithExemplar(1, labels)
			return
		}
	}
	c.Inc()
}

// Value returns the sum so far.
func (c *CounterSeries) Value() float64 {
	return float64(c.n.Load()) + math.Float64frombits(c.rest.Load())
}

func (c *CounterSeries) write(m *dto.Metric) {
	m.Label = c.meta.labels
	m.Counter = &dto.Counter{Value: proto.Float64(c.Value()), Exemplar: c.exemplar.Load(), CreatedTimestamp: c.meta.created}
}

func (c *CounterSeries) shown() bool   { return true }
func (c *CounterSeries) written() bool { return c.Value() > 0 }

// addFloat adds to a number that is kept as its bits.
func addFloat(to *atomic.Uint64, v float64) {
	for {
		old := to.Load()
		if to.CompareAndSwap(old, math.Float64bits(math.Float64frombits(old)+v)) {
			return
		}
	}
}

// exemplar returns an exemplar of now, nil where it has no labels or ones that a scrape cannot carry: too long together, a
// value that is not UTF-8 or has a NUL, which Prometheus's parser does not take, or a name that is none in OpenMetrics. See
// https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md#exemplars.
func exemplar(v float64, labels prometheus.Labels) *dto.Exemplar {
	if len(labels) == 0 {
		return nil
	}
	e := &dto.Exemplar{Value: proto.Float64(v), Timestamp: timestamppb.New(time.Now())}
	runes := 0
	for name, value := range labels {
		runes += len(name) + utf8.RuneCountInString(value)
		if runes > prometheus.ExemplarMaxRunes || !utf8.ValidString(value) || strings.ContainsRune(value, 0) || !model.LegacyValidation.IsValidLabelName(name) || strings.HasPrefix(name, model.ReservedLabelPrefix) {
			return nil
		}
		e.Label = append(e.Label, &dto.LabelPair{Name: proto.String(name), Value: proto.String(value)})
	}
	sortPairs(e.Label)
	return e
}

// Gauge is a gauge of the catalog, ready to be written.
type Gauge[S catalog.LabelSet] struct{ v *vec[GaugeSeries] }

// NewGauge returns the gauge of a registry. Where the registry's catalog does not have it, Registry.Err says so.
func NewGauge[S catalog.LabelSet](r *Registry, m catalog.Gauge[S]) Gauge[S] {
	return Gauge[S]{vecOf[GaugeSeries](r, m.Metric)}
}

// With returns the series of a key. It can be kept: it is the same for ever.
func (g Gauge[S]) With(k catalog.Key[S]) *GaugeSeries { return g.v.with(k.Values()) }

// OnlyGauge returns the one series of a gauge without labels.
func OnlyGauge(r *Registry, m catalog.Gauge[catalog.None]) *GaugeSeries {
	return NewGauge(r, m).With(catalog.None{}.Of())
}

// GaugeSeries is one series of a gauge. It is exposed from its first value on. Its methods may be called from several
// goroutines.
type GaugeSeries struct {
	bits atomic.Uint64
	set  atomic.Bool
	meta meta
}

// Set sets the value.
func (g *GaugeSeries) Set(v float64) {
	g.bits.Store(math.Float64bits(v))
	g.touch()
}

// Add adds v, which may be negative.
func (g *GaugeSeries) Add(v float64) {
	addFloat(&g.bits, v)
	g.touch()
}

// Inc adds 1.
func (g *GaugeSeries) Inc() { g.Add(1) }

// Dec subtracts 1.
func (g *GaugeSeries) Dec() { g.Add(-1) }

// Value returns the value, 0 where none was set.
func (g *GaugeSeries) Value() float64 { return math.Float64frombits(g.bits.Load()) }

func (g *GaugeSeries) touch() {
	if !g.set.Load() {
		g.set.Store(true)
	}
}

func (g *GaugeSeries) write(m *dto.Metric) {
	m.Label = g.meta.labels
	m.Gauge = &dto.Gauge{Value: proto.Float64(g.Value())}
}

func (g *GaugeSeries) shown() bool   { return g.set.Load() }
func (g *GaugeSeries) written() bool { return g.set.Load() }

// Histogram is a histogram of the catalog, ready to be written.
type Histogram[S catalog.LabelSet] struct{ v *vec[HistogramSeries] }

// NewHistogram returns the histogram of a registry. Where the registry's catalog does not have it, Registry.Err says so.
func NewHistogram[S catalog.LabelSet](r *Registry, m catalog.Histogram[S]) Histogram[S] {
	return Histogram[S]{vecOf[HistogramSeries](r, m.Metric)}
}

// With returns the series of a key. It can be kept: it is the same for ever.
func (h Histogram[S]) With(k catalog.Key[S]) *HistogramSeries { return h.v.with(k.Values()) }

// OnlyHistogram returns the one series of a histogram without labels.
func OnlyHistogram(r *Registry, m catalog.Histogram[catalog.None]) *HistogramSeries {
	return NewHistogram(r, m).With(catalog.None{}.Of())
}

// HistogramSeries is one histogram: the buckets, the sum and the count of its observations. Its methods may be called from
// several goroutines.
type HistogramSeries struct {
	bounds []float64
	// buckets are not cumulative; the last one is that of +Inf. Their sum is the count, so that a scrape in the midst of
	// observations never shows a count that its buckets do not have.
	buckets   []atomic.Uint64
	sum       atomic.Uint64
	exemplars []atomic.Pointer[dto.Exemplar]
	// native counts in place of the buckets where the histogram is a native one, or both.
	native prometheus.Histogram
	meta   meta
}

func newHistogram(m *catalog.Metric) func(meta) *HistogramSeries {
	return func(meta meta) *HistogramSeries {
		h := &HistogramSeries{meta: meta}
		if m.Native > 0 {
			h.native = prometheus.NewHistogram(prometheus.HistogramOpts{
				Name: m.Name, Help: m.Help, Buckets: m.Buckets, NativeHistogramBucketFactor: m.Native,
				// As many buckets as Prometheus's documentation advises, resets at most once an hour to keep to that.
				NativeHistogramMaxBucketNumber: 160, NativeHistogramMinResetDuration: time.Hour,
			})
			return h
		}
		h.bounds = m.Buckets
		h.buckets = make([]atomic.Uint64, len(m.Buckets)+1)
		h.exemplars = make([]atomic.Pointer[dto.Exemplar], len(m.Buckets)+1)
		return h
	}
}

// Observe counts one observation, in the unit of the metric.
func (h *HistogramSeries) Observe(v float64) {
	if h.native != nil {
		h.native.Observe(v)
		return
	}
	h.buckets[h.bucket(v)].Add(1)
	addFloat(&h.sum, v)
}

// bucket returns the place of the bucket that a value falls into. NaN falls into that of +Inf.
func (h *HistogramSeries) bucket(v float64) int {
	if len(h.bounds) > 32 {
		i, _ := slices.BinarySearch(h.bounds, v)
		if math.IsNaN(v) {
			return len(h.bounds)
		}
		return i
	}
	for i, b := range h.bounds {
		if v <= b {
			return i
		}
	}
	return len(h.bounds)
}

// ObserveDuration counts the time since start, in seconds.
func (h *HistogramSeries) ObserveDuration(start time.Time) { h.Observe(time.Since(start).Seconds()) }

// ObserveWithExemplar counts one observation and remembers by what labels, such as a trace_id, it can be looked up.
func (h *HistogramSeries) ObserveWithExemplar(v float64, labels prometheus.Labels) {
	e := exemplar(v, labels)
	if h.native != nil {
		if e != nil {
			h.native.(prometheus.ExemplarObserver).ObserveWithExemplar(v, labels)
			return
		}
		h.native.Observe(v)
		return
	}
	h.Observe(v)
	if e != nil {
		h.exemplars[h.bucket(v)].Store(e)
	}
}

// ObserveContext counts one observation, with the exemplar that the registry's WithExemplars finds in ctx.
func (h *HistogramSeries) ObserveContext(ctx context.Context, v float64) {
	if h.meta.exemplar != nil {
		if labels := h.meta.exemplar(ctx); len(labels) > 0 {
			h.ObserveWithExemplar(v, labels)
			return
		}
	}
	h.Observe(v)
}

func (h *HistogramSeries) write(m *dto.Metric) {
	if h.native != nil {
		_ = h.native.Write(m) // fails for no histogram that was made here
		m.Label = h.meta.labels
		m.Histogram.CreatedTimestamp = h.meta.created
		return
	}
	m.Label = h.meta.labels
	out := &dto.Histogram{CreatedTimestamp: h.meta.created}
	// The sum is read first: an observation between the two is then in the count alone, and never in the sum alone.
	sum := math.Float64frombits(h.sum.Load())
	count := uint64(0)
	for i := range h.bounds {
		count += h.buckets[i].Load()
		out.Bucket = append(out.Bucket, &dto.Bucket{UpperBound: proto.Float64(h.bounds[i]), CumulativeCount: proto.Uint64(count), Exemplar: h.exemplars[i].Load()})
	}
	last := len(h.bounds)
	count += h.buckets[last].Load()
	if e := h.exemplars[last].Load(); e != nil {
		// The bucket of +Inf is left out, as its count is that of the histogram, unless it has an exemplar.
		out.Bucket = append(out.Bucket, &dto.Bucket{UpperBound: proto.Float64(math.Inf(1)), CumulativeCount: proto.Uint64(count), Exemplar: e})
	}
	out.SampleCount, out.SampleSum = proto.Uint64(count), proto.Float64(sum)
	m.Histogram = out
}

// Count returns the number of observations so far.
func (h *HistogramSeries) Count() uint64 {
	var m dto.Metric
	h.write(&m)
	return m.Histogram.GetSampleCount()
}

func (h *HistogramSeries) shown() bool   { return true }
func (h *HistogramSeries) written() bool { return h.Count() > 0 }
