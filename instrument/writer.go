package instrument

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/obsgen/obsgen/catalog"
)

// Writer writes the metrics of a catalog by their names, for what learns them at run time only: a host whose plugins are
// built elsewhere, in any language, and bring a fragment along. Code that has the declarations in Go uses NewCounter,
// NewGauge and NewHistogram, where a mistake does not compile.
type Writer struct {
	name    string
	metrics map[string]target
}

// target is a metric that a Writer writes.
type target struct {
	metric *catalog.Metric
	write  func(*[6]string, float64)
}

// NewWriter returns a writer of the metrics of a catalog that the registry has, from New or Load. It returns an error
// where the registry does not have it.
func NewWriter(r *Registry, c *catalog.Catalog) (*Writer, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.Contains(r.catalogs, c) {
		return nil, fmt.Errorf("instrument: the registry has no catalog %s; Load it first", c.Name)
	}
	w := &Writer{name: c.Name, metrics: map[string]target{}}
	for _, m := range c.Own() {
		t := target{metric: m}
		switch v := r.metrics[m].vec.(type) {
		case *vec[CounterSeries]:
			t.write = func(k *[6]string, value float64) { v.with(k).Add(value) }
		case *vec[HistogramSeries]:
			t.write = func(k *[6]string, value float64) { v.with(k).Observe(value) }
		case *vec[GaugeSeries]:
			t.write = func(k *[6]string, value float64) { v.with(k).Set(value) }
		}
		w.metrics[m.Name] = t
	}
	return w, nil
}

// Write adds value to a counter, sets a gauge to it, or observes it in a histogram. It returns an error, and writes
// nothing, where the catalog has no such metric, a label is missing, unknown or has a value that is none of its closed set,
// and where the value is no number or would make a counter fall. Values of open labels beyond their bound are folded, as
// those of any series.
func (w *Writer) Write(metric string, labels map[string]string, value float64) error {
	t, ok := w.metrics[metric]
	if !ok {
		return fmt.Errorf("%s has no metric %q", w.name, metric)
	}
	m := t.metric
	var key [6]string
	for i, l := range m.Labels {
		v, ok := labels[l.Name]
		switch {
		case !ok:
			return fmt.Errorf("%s: the label %s is missing", metric, l.Name)
		case l.Closed() && !slices.Contains(l.Values, v):
			return fmt.Errorf("%s: the label %s cannot be %q, only %s", metric, l.Name, v, strings.Join(l.Values, ", "))
		}
		key[i] = v
	}
	if len(labels) > len(m.Labels) {
		for _, name := range slices.Sorted(maps.Keys(labels)) {
			if !slices.ContainsFunc(m.Labels, func(l *catalog.LabelDef) bool { return l.Name == name }) {
				return fmt.Errorf("%s has no label %s", metric, name)
			}
		}
	}
	switch {
	case math.IsNaN(value):
		return fmt.Errorf("%s: the value is no number", metric)
	case m.Kind == catalog.KindCounter && (value < 0 || math.IsInf(value, 0)):
		return fmt.Errorf("%s: a counter cannot grow by %v", metric, value)
	}
	t.write(&key, value)
	return nil
}
