// Package otel writes the metrics of a catalog through OpenTelemetry, for services that send them over OTLP or that have an
// SDK already: instruments with the catalog's names, units, descriptions and buckets, and the same bounds of cardinality as
// the package instrument. What Prometheus sees in the end, through OpenTelemetry's exporter or its own OTLP receiver, is
// what the catalog declares.
//
//	provider := metric.NewMeterProvider(append(otel.Options(metrics.Catalog), metric.WithReader(reader))...)
//	meter, err := otel.New(provider, metrics.Catalog)
//	requests := otel.NewCounter(meter, metrics.RequestsTotal)
//	requests.With(metrics.PerRequest.Of(metrics.HTTP, method, status)).Inc(ctx)
//
// A service that is written with the package instrument needs none of this to be read over OTLP: the bridge
// go.opentelemetry.io/contrib/bridges/prometheus reads its Registry, which is a Gatherer.
package otel

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/otlptranslator"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	sdk "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/instrument"
	"github.com/obsgen/obsgen/unit"
)

// TraceID returns the labels of an exemplar from the span of a context, nil where there is none that is sampled: for
// instrument.WithExemplars. The names are those of https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#exemplars.
func TraceID(ctx context.Context) prometheus.Labels {
	span := trace.SpanContextFromContext(ctx)
	if !span.IsValid() || !span.IsSampled() {
		return nil
	}
	return prometheus.Labels{"trace_id": span.TraceID().String(), "span_id": span.SpanID().String()}
}

// units are the codes of https://ucum.org/ucum for the catalog's units.
var units = map[unit.Unit]string{
	unit.Seconds: "s", unit.Milliseconds: "ms", unit.Microseconds: "us", unit.Nanoseconds: "ns", unit.Minutes: "min", unit.Hours: "h", unit.Days: "d",
	unit.Bytes: "By", unit.Kibibytes: "KiBy", unit.Mebibytes: "MiBy", unit.Gibibytes: "GiBy", unit.Bits: "bit", unit.Celsius: "Cel", unit.Joules: "J",
	unit.Ratio: "1", unit.Percent: "%", unit.One: "1",
}

// Instrument returns the name and the unit of a metric's instrument: the name without what Prometheus's conventions add to
// it, so that their translation, which https://github.com/prometheus/otlptranslator has, gives the metric's name again.
func Instrument(m *catalog.Metric) (name, code string) {
	var kind otlptranslator.MetricType = otlptranslator.MetricTypeGauge
	switch m.Kind {
	case catalog.KindCounter:
		kind = otlptranslator.MetricTypeMonotonicCounter
	case catalog.KindHistogram:
		kind = otlptranslator.MetricTypeHistogram
	}
	code = units[m.Unit]
	if noun := m.Unit.Noun(); noun != "" {
		code = "{" + strings.ReplaceAll(noun, " ", "_") + "}"
	}
	namer := otlptranslator.NewMetricNamer("", otlptranslator.UnderscoreEscapingWithSuffixes)
	stem := m.Name
	if m.Kind == catalog.KindCounter {
		stem = strings.TrimSuffix(stem, "_total")
	}
	named, _ := m.Unit.Name()
	for _, try := range []struct{ name, code string }{{strings.TrimSuffix(stem, "_"+named), code}, {stem, code}, {stem, ""}} {
		if got, err := namer.Build(otlptranslator.Metric{Name: try.name, Unit: try.code, Type: kind}); err == nil && got == m.Name {
			return try.name, try.code
		}
	}
	return m.Name, "" // a counter that is not called _total
}

// Views returns the views that give the histograms of a catalog their buckets: the declared ones, and exponential ones to a
// histogram that is native only. A MeterProvider takes them with metric.WithView.
func Views(c *catalog.Catalog) []sdk.View {
	var out []sdk.View
	for _, m := range c.Own() {
		if m.Kind != catalog.KindHistogram {
			continue
		}
		name, _ := Instrument(m)
		of := sdk.Instrument{Name: name}
		of.Scope.Name = scope(c)
		var a sdk.Aggregation = sdk.AggregationExplicitBucketHistogram{Boundaries: m.Buckets}
		if !m.Classic() {
			a = sdk.AggregationBase2ExponentialHistogram{MaxSize: 160, MaxScale: resolution(m.Native)}
		}
		out = append(out, sdk.NewView(of, sdk.Stream{Aggregation: a}))
	}
	return out
}

// usualLimit is the SDK's limit of series for each instrument, beyond which it puts all into one.
const usualLimit = 2000

// Options returns what a MeterProvider needs to carry a catalog: its Views, and a limit of series for each instrument that is
// no lower than what the catalog's bounds allow.
func Options(c *catalog.Catalog) []sdk.Option {
	limit := usualLimit
	for _, m := range c.Own() {
		series := 1.0
		for _, l := range m.Labels {
			n := l.Max
			if l.Closed() {
				n = len(l.Values)
			}
			series *= float64(n) + 1 // one for what is folded
		}
		limit = max(limit, int(min(series+1, math.MaxInt32))) // the SDK keeps one of them for itself
	}
	return []sdk.Option{sdk.WithView(Views(c)...), sdk.WithCardinalityLimit(limit)}
}

// scope is the name of a catalog's meter.
func scope(c *catalog.Catalog) string { return c.Name }

// resolution returns the finest scale whose buckets grow by a factor at most, within the limits of Prometheus: see
// https://prometheus.io/docs/specs/native_histograms/#schema.
func resolution(factor float64) int32 {
	return int32(min(8, max(-4, -math.Floor(math.Log2(math.Log2(factor))))))
}

// Meter has the instruments of a catalog.
type Meter struct {
	counters   map[*catalog.Metric]instrument.Series[CounterSeries]
	gauges     map[*catalog.Metric]instrument.Series[GaugeSeries]
	histograms map[*catalog.Metric]instrument.Series[HistogramSeries]

	mu   sync.Mutex
	errs []error
}

// New makes an instrument of every metric of a catalog that the service itself writes, on a meter with the catalog's name.
// The provider should have the Options of the same catalog. Counters that are declared Initialised begin at 0, and so do those
// without labels; OpenTelemetry has no way to begin a histogram. It returns an error that names all faults of the catalog at
// once.
func New(p metric.MeterProvider, c *catalog.Catalog) (*Meter, error) {
	if err := instrument.Faults(c); err != nil {
		return nil, err
	}
	var errs []error
	from := p.Meter(scope(c))
	m := &Meter{
		counters: map[*catalog.Metric]instrument.Series[CounterSeries]{}, gauges: map[*catalog.Metric]instrument.Series[GaugeSeries]{},
		histograms: map[*catalog.Metric]instrument.Series[HistogramSeries]{},
	}
	var foldings instrument.Series[CounterSeries]
	for _, d := range append([]*catalog.Metric{instrument.Foldings.Metric}, c.Own()...) {
		folded := func(label string) {
			if d != instrument.Foldings.Metric {
				foldings.With(instrument.PerFolding.Of(instrument.Metric.Value(d.Name), instrument.Label.Value(label)).Values()).Inc(context.Background())
			}
		}
		if err := m.add(from, d, folded); err != nil {
			errs = append(errs, fmt.Errorf("otel: %s: %w", d.Name, err))
		}
		if d == instrument.Foldings.Metric {
			foldings = m.counters[d]
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return m, nil
}

// add makes a metric's instrument.
func (m *Meter) add(from metric.Meter, d *catalog.Metric, folded func(string)) error {
	name, code := Instrument(d)
	switch d.Kind {
	case catalog.KindCounter:
		c, err := from.Float64Counter(name, metric.WithUnit(code), metric.WithDescription(d.Help))
		if err != nil {
			return err
		}
		s := instrument.NewSeries(d, folded, func(labels map[string]string) *CounterSeries {
			out := &CounterSeries{c, []metric.AddOption{attributes(labels)}}
			if len(d.Labels) == 0 || d.Initialised {
				out.Add(context.Background(), 0)
			}
			return out
		})
		m.counters[d] = s
	case catalog.KindHistogram:
		h, err := from.Float64Histogram(name, metric.WithUnit(code), metric.WithDescription(d.Help))
		if err != nil {
			return err
		}
		m.histograms[d] = instrument.NewSeries(d, folded, func(labels map[string]string) *HistogramSeries {
			return &HistogramSeries{h, []metric.RecordOption{attributes(labels)}}
		})
	default:
		g, err := from.Float64Gauge(name, metric.WithUnit(code), metric.WithDescription(d.Help))
		if err != nil {
			return err
		}
		m.gauges[d] = instrument.NewSeries(d, folded, func(labels map[string]string) *GaugeSeries {
			return &GaugeSeries{gauge: g, options: []metric.RecordOption{attributes(labels)}}
		})
	}
	return nil
}

func attributes(labels map[string]string) metric.MeasurementOption {
	kvs := make([]attribute.KeyValue, 0, len(labels))
	for k, v := range labels {
		kvs = append(kvs, attribute.String(k, v))
	}
	return metric.WithAttributeSet(attribute.NewSet(kvs...))
}

// Err returns what code asked for that the catalog does not have, as of now: to be looked at once all handles are made.
func (m *Meter) Err() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return errors.Join(m.errs...)
}

// seriesOf returns the series of a metric. Of one that the catalog does not have it notes the error, and returns those that
// make of write.
func seriesOf[C any](m *Meter, of map[*catalog.Metric]instrument.Series[C], d *catalog.Metric) instrument.Series[C] {
	if s, ok := of[d]; ok {
		return s
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	name := "a metric that was never declared"
	if d != nil {
		name = d.Name
	} else {
		d = &catalog.Metric{Kind: catalog.KindCounter}
	}
	m.errs = append(m.errs, fmt.Errorf("otel: the catalog has no %s", name))
	return instrument.NewSeries(d, func(string) {}, func(map[string]string) *C { return new(C) })
}

// Counter is a counter of the catalog, ready to be written.
type Counter[S catalog.LabelSet] struct {
	s instrument.Series[CounterSeries]
}

// NewCounter returns the counter of a meter. Where the meter's catalog does not have it, Meter.Err says so.
func NewCounter[S catalog.LabelSet](m *Meter, c catalog.Counter[S]) Counter[S] {
	return Counter[S]{seriesOf(m, m.counters, c.Metric)}
}

// With returns the series of a key. It can be kept: it is the same for ever.
func (c Counter[S]) With(k catalog.Key[S]) *CounterSeries { return c.s.With(k.Values()) }

// CounterSeries is one series of a counter. Its methods may be called from several goroutines.
type CounterSeries struct {
	counter metric.Float64Counter
	options []metric.AddOption
}

// Inc adds 1.
func (c *CounterSeries) Inc(ctx context.Context) { c.Add(ctx, 1) }

// Add adds v, which is not negative; what is negative or NaN is left out, since a counter never falls. The SDK takes an
// exemplar from the span of ctx.
func (c *CounterSeries) Add(ctx context.Context, v float64) {
	if c.counter != nil && v >= 0 {
		c.counter.Add(ctx, v, c.options...)
	}
}

// Gauge is a gauge of the catalog, ready to be written.
type Gauge[S catalog.LabelSet] struct {
	s instrument.Series[GaugeSeries]
}

// NewGauge returns the gauge of a meter. Where the meter's catalog does not have it, Meter.Err says so.
func NewGauge[S catalog.LabelSet](m *Meter, g catalog.Gauge[S]) Gauge[S] {
	return Gauge[S]{seriesOf(m, m.gauges, g.Metric)}
}

// With returns the series of a key. It can be kept: it is the same for ever.
func (g Gauge[S]) With(k catalog.Key[S]) *GaugeSeries { return g.s.With(k.Values()) }

// GaugeSeries is one series of a gauge. It is exposed from its first value on. Its methods may be called from several
// goroutines.
type GaugeSeries struct {
	gauge   metric.Float64Gauge
	options []metric.RecordOption
	mu      sync.Mutex // so that the last value that is recorded is the last that was set
	value   float64
}

// Set sets the value.
func (g *GaugeSeries) Set(ctx context.Context, v float64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.value = v
	g.record(ctx)
}

// Add adds v, which may be negative.
func (g *GaugeSeries) Add(ctx context.Context, v float64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.value += v
	g.record(ctx)
}

// Inc adds 1.
func (g *GaugeSeries) Inc(ctx context.Context) { g.Add(ctx, 1) }

// Dec subtracts 1.
func (g *GaugeSeries) Dec(ctx context.Context) { g.Add(ctx, -1) }

func (g *GaugeSeries) record(ctx context.Context) {
	if g.gauge != nil {
		g.gauge.Record(ctx, g.value, g.options...)
	}
}

// Histogram is a histogram of the catalog, ready to be written. One that is declared with both kinds of buckets has the
// classic ones here, as an instrument of OpenTelemetry has one kind.
type Histogram[S catalog.LabelSet] struct {
	s instrument.Series[HistogramSeries]
}

// NewHistogram returns the histogram of a meter. Where the meter's catalog does not have it, Meter.Err says so.
func NewHistogram[S catalog.LabelSet](m *Meter, h catalog.Histogram[S]) Histogram[S] {
	return Histogram[S]{seriesOf(m, m.histograms, h.Metric)}
}

// With returns the series of a key. It can be kept: it is the same for ever.
func (h Histogram[S]) With(k catalog.Key[S]) *HistogramSeries { return h.s.With(k.Values()) }

// HistogramSeries is one histogram. Its methods may be called from several goroutines.
type HistogramSeries struct {
	histogram metric.Float64Histogram
	options   []metric.RecordOption
}

// Observe counts one observation, in the unit of the metric. The SDK takes an exemplar from the span of ctx.
func (h *HistogramSeries) Observe(ctx context.Context, v float64) {
	if h.histogram != nil {
		h.histogram.Record(ctx, v, h.options...)
	}
}
