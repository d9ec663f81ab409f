// Package instrument registers and writes the metrics of a catalog, so that what a service exposes is what its dashboards
// and rules read. A series is named by a key whose values have the types of the metric's labels: a wrong label, or a
// wrong order, does not compile.
//
//	registry, err := instrument.New(metrics.Catalog)
//	requests := instrument.NewCounter(registry, metrics.RequestsTotal)
//	requests.With(metrics.PerRequest.Of(metrics.HTTP, method, status)).Inc()
//	http.Handle("/metrics", registry.Handler())
//
// There is no promise of compatibility before 1.0.
package instrument

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	_ "github.com/prometheus/client_golang/prometheus/promhttp/zstd" // offers zstd
	dto "github.com/prometheus/client_model/go"

	"github.com/obsgen/obsgen/catalog"
)

// Registry has the metrics of a catalog and of the fragments that are loaded beside it.
type Registry struct {
	registry *prometheus.Registry
	now      func() time.Time
	created  bool
	exemplar func(context.Context) prometheus.Labels

	loading  sync.Mutex // held by Load
	mu       sync.Mutex
	catalogs []*catalog.Catalog
	fixed    int // how many of them are no fragments
	metrics  map[*catalog.Metric]*family
	onScrape []func()
	errs     []error
	foldings *vec[CounterSeries]
}

// family is a registered metric.
type family struct {
	metric    *catalog.Metric
	collector prometheus.Collector
	vec       any // of the kind's series
	written   func() bool
}

// Option adjusts a registry.
type Option func(*Registry)

// WithClock sets where created timestamps come from, for tests.
func WithClock(now func() time.Time) Option { return func(r *Registry) { r.now = now } }

// WithCreatedSamples adds the samples _created to the OpenMetrics text, which tell when each counter began.
func WithCreatedSamples() Option { return func(r *Registry) { r.created = true } }

// WithExemplars sets where IncContext and ObserveContext take their exemplars from: f returns the labels by which what a
// context belongs to can be looked up, such as its trace_id, and nil for none.
func WithExemplars(f func(context.Context) prometheus.Labels) Option {
	return func(r *Registry) { r.exemplar = f }
}

// New registers every metric of a catalog that the service itself exposes, that is none of an external group. Series of
// metrics without labels, and of those that are declared Initialised, begin at 0; other series begin with their first
// sample, and gauges with their first value. It returns an error that names all faults of the catalog at once.
func New(c *catalog.Catalog, options ...Option) (*Registry, error) {
	r := &Registry{registry: prometheus.NewRegistry(), now: time.Now, metrics: map[*catalog.Metric]*family{}}
	for _, o := range options {
		o(r)
	}
	if err := r.add(own); err != nil {
		return nil, err
	}
	r.foldings = r.metrics[Foldings.Metric].vec.(*vec[CounterSeries])
	if err := r.add(c); err != nil {
		return nil, err
	}
	r.fixed = len(r.catalogs)
	return r, nil
}

// add registers the metrics of a catalog.
func (r *Registry) add(c *catalog.Catalog) error {
	if err := Faults(c); err != nil {
		return err
	}
	var errs []error
	r.mu.Lock()
	defer r.mu.Unlock()
	var added []*family
	for _, m := range c.Own() {
		f := r.family(m)
		if err := r.registry.Register(f.collector); err != nil {
			errs = append(errs, fmt.Errorf("instrument: %s: %w", m.Name, err))
			continue
		}
		added = append(added, f)
	}
	if len(errs) > 0 {
		for _, f := range added {
			r.registry.Unregister(f.collector)
		}
		return errors.Join(errs...)
	}
	for _, f := range added {
		r.metrics[f.metric] = f
	}
	r.catalogs = append(r.catalogs, c)
	return nil
}

// family makes what a metric is kept in.
func (r *Registry) family(m *catalog.Metric) *family {
	f := &family{metric: m}
	desc := describe(m)
	switch m.Kind {
	case catalog.KindCounter:
		v := newVec(r, m, func(meta meta) *CounterSeries { return &CounterSeries{meta: meta} })
		f.vec, f.collector, f.written = v, collector[CounterSeries, *CounterSeries]{desc, v}, written[CounterSeries, *CounterSeries](v)
		begin(v)
	case catalog.KindHistogram:
		v := newVec(r, m, newHistogram(m))
		f.vec, f.collector, f.written = v, collector[HistogramSeries, *HistogramSeries]{desc, v}, written[HistogramSeries, *HistogramSeries](v)
		begin(v)
	default:
		v := newVec(r, m, func(meta meta) *GaugeSeries { return &GaugeSeries{meta: meta} })
		f.vec, f.collector, f.written = v, collector[GaugeSeries, *GaugeSeries]{desc, v}, written[GaugeSeries, *GaugeSeries](v)
	}
	return f
}

// Err returns what code asked for that the catalog does not have, as of now: to be looked at once all handles are made.
func (r *Registry) Err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return errors.Join(r.errs...)
}

// OnScrape runs f before each scrape, for values that are read when they are asked for.
func (r *Registry) OnScrape(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.onScrape = append(r.onScrape, f)
}

// Gather collects all series, for tests and other exporters. It implements prometheus.Gatherer.
func (r *Registry) Gather() ([]*dto.MetricFamily, error) {
	r.mu.Lock()
	fs := slices.Clone(r.onScrape)
	r.mu.Unlock()
	for _, f := range fs {
		f()
	}
	return r.registry.Gather()
}

// Prometheus returns the client library's registry beneath, for collectors of others such as that of the Go runtime.
func (r *Registry) Prometheus() *prometheus.Registry { return r.registry }

// Handler serves the series in the Prometheus text format, in OpenMetrics or as protobuf, as the scraper asks, compressed
// with gzip or zstd.
func (r *Registry) Handler() http.Handler {
	return promhttp.HandlerFor(r, promhttp.HandlerOpts{
		EnableOpenMetrics: true, EnableOpenMetricsTextCreatedSamples: r.created,
		OfferedCompressions: []promhttp.Compression{promhttp.Identity, promhttp.Gzip, promhttp.Zstd},
	})
}

// Unwritten returns the metrics that nothing has written since the start, in the catalog's order, without those that the
// catalog says nothing writes.
func (r *Registry) Unwritten() []*catalog.Metric {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []*catalog.Metric
	for _, c := range r.catalogs {
		if c == own {
			continue
		}
		for _, m := range c.Own() {
			if f := r.metrics[m]; f != nil && m.Unwritten == "" && !f.written() {
				out = append(out, m)
			}
		}
	}
	return out
}

// Load registers the metrics of a fragment, such as those of a plugin, until Unload. Their names begin with the fragment's
// prefix, which lies within that of no other fragment, and within which lies that of no other catalog. It returns an error
// where that is not so, where the fragment has no prefix or is loaded already, and where a name departs from its prefix or is
// there already; then nothing is registered.
func (r *Registry) Load(fragment *catalog.Catalog) error {
	prefix := fragment.Spec.Prefix
	if prefix == "" {
		return fmt.Errorf("instrument: the fragment %s has no prefix; set CatalogSpec.Prefix", fragment.Name)
	}
	r.loading.Lock() // two that meet each other see each other
	defer r.loading.Unlock()
	if err := r.meets(fragment); err != nil {
		return err
	}
	for _, m := range fragment.Own() {
		if !strings.HasPrefix(m.Name, prefix) {
			return fmt.Errorf("instrument: %s of the fragment %s does not begin with %s", m.Name, fragment.Name, prefix)
		}
	}
	return r.add(fragment)
}

// meets returns an error where a fragment's namespace meets that of a catalog of the registry.
func (r *Registry) meets(fragment *catalog.Catalog) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	prefix := fragment.Spec.Prefix
	for i, c := range r.catalogs {
		const within = "instrument: the prefix %s of %s is within that of %s"
		p := c.Spec.Prefix
		switch {
		case c == fragment:
			return fmt.Errorf("instrument: the fragment %s is loaded already", c.Name)
		case p == "":
		case i >= r.fixed && strings.HasPrefix(prefix, p):
			return fmt.Errorf(within, prefix, fragment.Name, c.Name)
		case strings.HasPrefix(p, prefix):
			return fmt.Errorf(within, p, c.Name, fragment.Name)
		}
	}
	return nil
}

// Unload removes the metrics of a fragment. Handles of them keep working and write nowhere.
func (r *Registry) Unload(fragment *catalog.Catalog) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if fragment == own || !slices.Contains(r.catalogs, fragment) {
		return
	}
	r.catalogs = slices.DeleteFunc(r.catalogs, func(c *catalog.Catalog) bool { return c == fragment })
	for _, m := range fragment.Own() {
		if f := r.metrics[m]; f != nil {
			r.registry.Unregister(f.collector)
			delete(r.metrics, m)
		}
	}
}

// vecOf returns what a metric's series are in. Of a metric that the registry does not have it notes the error and returns
// one that is registered nowhere, so that writing to it is safe.
func vecOf[C any](r *Registry, m *catalog.Metric) *vec[C] {
	r.mu.Lock()
	defer r.mu.Unlock()
	f := r.metrics[m]
	if f == nil {
		name := "a metric that was never declared"
		if m != nil {
			name = m.Name
		} else {
			m = &catalog.Metric{Kind: catalog.KindCounter}
		}
		r.errs = append(r.errs, fmt.Errorf("instrument: the catalog has no %s", name))
		f = r.family(m)
	}
	v, ok := f.vec.(*vec[C])
	if !ok { // a metric that was declared at run time, of another kind
		r.errs = append(r.errs, fmt.Errorf("instrument: %s is a %s", m.Name, m.Kind))
		return newVec(r, m, func(meta) *C { return new(C) })
	}
	return v
}

type (
	metricName struct{}
	labelName  struct{}
)

// What the registry tells of itself.
var (
	Metric = catalog.AtMost[metricName](1000, "metric", "Metric whose label had too many values.")
	Label  = catalog.AtMost[labelName](100, "label", "Label that had too many values, or one that it cannot have.")

	PerFolding = catalog.By2(Metric, Label)

	// Self is the group of the registry's own metrics.
	Self     = catalog.NewGroup("Instrumentation", catalog.GroupSpec{Help: "What the instrumentation tells of itself.", Owner: "obsgen"})
	Foldings = catalog.NewCounter(Self, "obsgen_foldings_total", PerFolding, catalog.Spec{
		Help: "Times that a label's value was replaced by other, since its label has as many values as the catalog allows, or cannot have it.",
	})

	own = catalog.New("obsgen", catalog.CatalogSpec{Prefix: "obsgen_", Groups: []*catalog.Group{Self}})
)
