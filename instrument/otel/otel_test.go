package otel_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
	bridge "go.opentelemetry.io/contrib/bridges/prometheus"
	otelprom "go.opentelemetry.io/otel/exporters/prometheus"
	sdk "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/trace"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/instrument"
	"github.com/obsgen/obsgen/instrument/otel"
	"github.com/obsgen/obsgen/mockforge/metrics"
	"github.com/obsgen/obsgen/unit"
)

type (
	method struct{}
	route  struct{}
)

var (
	GET    = catalog.V[method]("GET")
	PUT    = catalog.V[method]("PUT")
	Method = catalog.OneOf("method", "Verb.", GET, PUT)
	Route  = catalog.AtMost[route](3, "route", "Route.")

	PerRoute  = catalog.By2(Method, Route)
	PerMethod = catalog.By1(Method)

	group    = catalog.NewGroup("App", catalog.GroupSpec{Help: "An app.", Owner: "core"})
	Requests = catalog.NewCounter(group, "app_requests_total", PerRoute, catalog.Spec{Help: "Requests.", Unit: unit.Requests})
	Failures = catalog.NewCounter(group, "app_failures_total", PerMethod, catalog.Spec{Help: "Failures.", Unit: unit.Errors, Initialised: true})
	Bytes    = catalog.NewCounter(group, "app_sent_bytes_total", catalog.None{}, catalog.Spec{Help: "Bytes sent.", Unit: unit.Bytes})
	Open     = catalog.NewGauge(group, "app_open", PerMethod, catalog.Spec{Help: "Open.", Unit: unit.Connections})
	Duration = catalog.NewHistogram(group, "app_duration_seconds", PerMethod, catalog.Spec{Help: "Duration.", Unit: unit.Seconds, Buckets: []float64{.1, 1, 10}})
	Size     = catalog.NewHistogram(group, "app_size_bytes", catalog.None{}, catalog.Spec{Help: "Size.", Unit: unit.Bytes, Native: 1.1})

	app = catalog.New("app", catalog.CatalogSpec{Prefix: "app_", Groups: []*catalog.Group{group}})

	elsewhere = catalog.NewGroup("Elsewhere", catalog.GroupSpec{Help: "E.", Owner: "core"})
	Foreign   = catalog.NewCounter(elsewhere, "other_things_total", PerMethod, catalog.Spec{Help: "Things."})
)

// exported returns a meter, and what OpenTelemetry's exporter for Prometheus makes of it.
func exported(t *testing.T, c *catalog.Catalog) (*otel.Meter, *prometheus.Registry) {
	t.Helper()
	r := prometheus.NewRegistry()
	exporter, err := otelprom.New(otelprom.WithRegisterer(r), otelprom.WithoutScopeInfo(), otelprom.WithoutTargetInfo())
	if err != nil {
		t.Fatal(err)
	}
	provider := sdk.NewMeterProvider(append(otel.Options(c), sdk.WithReader(exporter))...)
	t.Cleanup(func() { _ = provider.Shutdown(context.Background()) })
	m, err := otel.New(provider, c)
	if err != nil {
		t.Fatal(err)
	}
	return m, r
}

func text(t *testing.T, g prometheus.Gatherer, accept string) string {
	t.Helper()
	req := httptest.NewRequest("GET", "/metrics", nil)
	req.Header.Set("Accept", accept)
	rec := httptest.NewRecorder()
	promhttp.HandlerFor(g, promhttp.HandlerOpts{EnableOpenMetrics: true}).ServeHTTP(rec, req)
	if rec.Code != 200 {
		t.Fatal(rec.Body.String())
	}
	return rec.Body.String()
}

// TestSameSeries makes the same calls through both, with values beyond the labels' bounds, and compares the expositions byte
// by byte.
func TestSameSeries(t *testing.T) {
	ctx := t.Context()
	m, theirs := exported(t, app)
	r, err := instrument.New(app)
	if err != nil {
		t.Fatal(err)
	}
	requests, ourRequests := otel.NewCounter(m, Requests), instrument.NewCounter(r, Requests)
	open, ourOpen := otel.NewGauge(m, Open), instrument.NewGauge(r, Open)
	duration, ourDuration := otel.NewHistogram(m, Duration), instrument.NewHistogram(r, Duration)
	size, ourSize := otel.NewHistogram(m, Size), instrument.NewHistogram(r, Size)
	for i := range 40 {
		key := PerRoute.Of([]catalog.Value[method]{GET, PUT}[i%2], Route.Value(fmt.Sprint("/", i%5)))
		requests.With(key).Add(ctx, float64(i))
		ourRequests.With(key).Add(float64(i))
		verb := PerMethod.Of(Method.Value([]string{"GET", "PUT", "BREW"}[i%3]))
		open.With(verb).Add(ctx, float64(i%7)-2)
		ourOpen.With(verb).Add(float64(i%7) - 2)
		took := math.Exp2(float64(i%9) - 4) // exact, so that sums are the same in any order
		duration.With(verb).Observe(ctx, took)
		ourDuration.With(verb).Observe(took)
		size.With(catalog.None{}.Of()).Observe(ctx, float64(i*i+1))
		ourSize.With(catalog.None{}.Of()).Observe(float64(i*i + 1))
	}
	requests.With(PerRoute.Of(GET, Route.Value("/0"))).Add(ctx, -5)
	requests.With(PerRoute.Of(GET, Route.Value("/0"))).Add(ctx, math.NaN())
	if err := errorsOf(m, r); err != nil {
		t.Fatal(err)
	}
	const plain = "text/plain;version=0.0.4"
	ours := text(t, r, plain)
	if diff := cmp.Diff(ours, text(t, theirs, plain)); diff != "" {
		t.Errorf("OpenTelemetry exposes others (-ours +theirs):\n%s", diff)
	}
	for _, want := range []string{`app_requests_total{method="GET",route="other"}`, `app_failures_total{method="PUT"} 0`, "obsgen_foldings_total{", `app_open{method="other"}`} {
		if !strings.Contains(ours, want) {
			t.Errorf("no %s in\n%s", want, ours)
		}
	}
	if diff := cmp.Diff(nativeOf(t, r, Size.Name), nativeOf(t, theirs, Size.Name)); diff != "" {
		t.Errorf("OpenTelemetry's native histogram is another (-ours +theirs):\n%s", diff)
	}
}

func errorsOf(m *otel.Meter, r *instrument.Registry) error {
	if err := m.Err(); err != nil {
		return err
	}
	return r.Err()
}

// nativeOf returns the resolution of a native histogram, and how many observations each of its buckets has.
func nativeOf(t *testing.T, g prometheus.Gatherer, name string) map[int32]int64 {
	t.Helper()
	families, err := g.Gather()
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(families, func(f *dto.MetricFamily) bool { return f.GetName() == name })
	h := families[i].GetMetric()[0].GetHistogram()
	out := map[int32]int64{math.MinInt32: int64(h.GetSchema()), math.MaxInt32: int64(h.GetSampleCount())}
	at, n, d := int32(0), int64(0), 0
	for _, span := range h.GetPositiveSpan() {
		at += span.GetOffset()
		for range span.GetLength() {
			n += h.GetPositiveDelta()[d]
			d++
			if n != 0 {
				out[at] = n
			}
			at++
		}
	}
	if len(out) < 10 {
		t.Fatalf("%s has %d native buckets", name, len(out)-2)
	}
	return out
}

// TestFlagship writes every metric of MockForge's catalog through both, which is where names and units are of every sort.
func TestFlagship(t *testing.T) {
	m, theirs := exported(t, metrics.Catalog)
	r, err := instrument.New(metrics.Catalog)
	if err != nil {
		t.Fatal(err)
	}
	w, err := instrument.NewWriter(r, metrics.Catalog)
	if err != nil {
		t.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	both := 0
	for _, d := range metrics.Catalog.Own() {
		if d.Classic() && d.Native > 0 {
			both++
		}
		write := func(labels map[string]string, v float64) {
			var values [6]string
			for i, l := range d.Labels {
				values[i] = labels[l.Name]
			}
			m.Write(d, &values, v)
			if err := w.Write(d.Name, labels, v); err != nil {
				t.Fatal(err)
			}
		}
		for range 20 {
			labels := map[string]string{}
			for _, l := range d.Labels {
				switch {
				case l.Closed():
					labels[l.Name] = l.Values[rnd.IntN(len(l.Values))]
				default:
					labels[l.Name] = fmt.Sprint(100 + rnd.IntN(6))
				}
			}
			write(labels, float64(rnd.IntN(1000))/8)
		}
		if d.Kind == catalog.KindHistogram && d.Initialised { // what OpenTelemetry cannot begin
			combine(d.Labels, map[string]string{}, func(labels map[string]string) { write(labels, 1) })
		}
	}
	const plain = "text/plain;version=0.0.4"
	if diff := cmp.Diff(text(t, r, plain), text(t, theirs, plain)); diff != "" {
		t.Errorf("OpenTelemetry exposes others (-ours +theirs):\n%s", diff)
	}
	t.Logf("%d metrics, %d histograms with both kinds of buckets", len(metrics.Catalog.Own()), both)
}

// combine calls f for each combination of the values of closed labels.
func combine(ls []*catalog.LabelDef, labels map[string]string, f func(map[string]string)) {
	if len(ls) == 0 {
		f(labels)
		return
	}
	for _, v := range ls[0].Values {
		labels[ls[0].Name] = v
		combine(ls[1:], labels, f)
	}
}

func TestInstrument(t *testing.T) {
	for _, c := range []struct {
		m          *catalog.Metric
		name, unit string
	}{
		{Requests.Metric, "app_requests", "{requests}"}, {Bytes.Metric, "app_sent", "By"}, {Duration.Metric, "app_duration", "s"}, {Open.Metric, "app_open", "{connections}"},
	} {
		if name, code := otel.Instrument(c.m); name != c.name || code != c.unit {
			t.Errorf("%s: %s in %q", c.m.Name, name, code)
		}
	}
}

// TestTraceID follows a trace from the span of a request to the exemplars of both.
func TestTraceID(t *testing.T) {
	sampled := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1, 2}, SpanID: trace.SpanID{3}, TraceFlags: trace.FlagsSampled})
	ctx := trace.ContextWithSpanContext(t.Context(), sampled)
	if l := otel.TraceID(trace.ContextWithSpanContext(t.Context(), sampled.WithTraceFlags(0))); l != nil {
		t.Errorf("a span that is not sampled: %v", l)
	}
	if l := otel.TraceID(t.Context()); l != nil {
		t.Errorf("no span: %v", l)
	}
	m, theirs := exported(t, app)
	r, err := instrument.New(app, instrument.WithExemplars(otel.TraceID))
	if err != nil {
		t.Fatal(err)
	}
	otel.NewCounter(m, Failures).With(PerMethod.Of(GET)).Inc(ctx)
	instrument.NewCounter(r, Failures).With(PerMethod.Of(GET)).IncContext(ctx)
	otel.NewHistogram(m, Duration).With(PerMethod.Of(GET)).Observe(ctx, 0.5)
	instrument.NewHistogram(r, Duration).With(PerMethod.Of(GET)).ObserveContext(ctx, 0.5)
	for name, g := range map[string]prometheus.Gatherer{"ours": r, "OpenTelemetry's": theirs} {
		got := text(t, g, "application/openmetrics-text;version=1.0.0")
		n := 0
		for line := range strings.Lines(got) {
			if strings.Contains(line, `trace_id="`+sampled.TraceID().String()+`"`) && strings.Contains(line, `span_id="`+sampled.SpanID().String()+`"`) {
				n++
			}
		}
		if n != 2 {
			t.Errorf("%s: %d exemplars in\n%s", name, n, got)
		}
	}
}

// TestMistakes asks a meter for what it does not have, and writes it.
func TestMistakes(t *testing.T) {
	m, _ := exported(t, app)
	otel.NewCounter(m, Foreign).With(PerMethod.Of(GET)).Inc(t.Context())
	otel.NewCounter(m, catalog.Counter[catalog.None]{}).With(catalog.None{}.Of()).Inc(t.Context())
	err := m.Err()
	if err == nil || !strings.Contains(err.Error(), "other_things_total") || !strings.Contains(err.Error(), "never declared") {
		t.Error(err)
	}
	if _, err := otel.New(sdk.NewMeterProvider(), nil); err == nil {
		t.Error("a meter of no catalog")
	}
	faulty := catalog.NewGroup("Faulty", catalog.GroupSpec{Help: "F.", Owner: "core"})
	catalog.NewCounter(faulty, "app_things", catalog.None{}, catalog.Spec{Help: "Things."})
	if _, err := otel.New(sdk.NewMeterProvider(), catalog.New("f", catalog.CatalogSpec{Groups: []*catalog.Group{faulty}})); err == nil || !strings.Contains(err.Error(), "app_things") {
		t.Errorf("a faulty catalog: %v", err)
	}
}

// TestConcurrent writes from many goroutines while a reader collects.
func TestConcurrent(t *testing.T) {
	m, theirs := exported(t, app)
	requests, open := otel.NewCounter(m, Requests), otel.NewGauge(m, Open)
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 200 {
				requests.With(PerRoute.Of(GET, Route.Value(fmt.Sprint("/", (g+i)%6)))).Inc(t.Context())
				open.With(PerMethod.Of(PUT)).Inc(t.Context())
			}
		})
	}
	for range 5 {
		text(t, theirs, "")
	}
	wg.Wait()
	if got := text(t, theirs, ""); !strings.Contains(got, `app_open{method="PUT"} 1600`) {
		t.Error(got)
	}
}

// TestBridge reads a registry of the package instrument as OpenTelemetry does with its bridge, which is how a service that
// has one sends its series over OTLP.
func TestBridge(t *testing.T) {
	r, err := instrument.New(app)
	if err != nil {
		t.Fatal(err)
	}
	instrument.NewCounter(r, Failures).With(PerMethod.Of(GET)).Add(3)
	reader := sdk.NewManualReader(sdk.WithProducer(bridge.NewMetricProducer(bridge.WithGatherer(r))))
	provider := sdk.NewMeterProvider(sdk.WithReader(reader))
	defer func() { _ = provider.Shutdown(context.Background()) }()
	var got metricdata.ResourceMetrics
	if err := reader.Collect(t.Context(), &got); err != nil {
		t.Fatal(err)
	}
	for _, s := range got.ScopeMetrics {
		for _, m := range s.Metrics {
			if sum, ok := m.Data.(metricdata.Sum[float64]); ok && m.Name == Failures.Name {
				for _, p := range sum.DataPoints {
					if v, _ := p.Attributes.Value("method"); v.AsString() == "GET" && p.Value == 3 {
						return
					}
				}
			}
		}
	}
	t.Errorf("the bridge does not carry it: %+v", got)
}
