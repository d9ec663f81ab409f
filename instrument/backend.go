package instrument

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/diag"
)

// Faults returns what is wrong with the metrics of a catalog, all at once, and nil where they can be registered.
func Faults(c *catalog.Catalog) error {
	if c == nil {
		return errors.New("instrument: there is no catalog")
	}
	var errs []error
	for _, f := range c.Check() {
		if strings.HasPrefix(f.ID, "metric/") && f.Severity == diag.Error {
			errs = append(errs, fmt.Errorf("%s: %s", f.ID, f.Message))
		}
	}
	return errors.Join(errs...)
}

// Series has what is kept for each series of a metric, for other ways of writing a catalog than a Registry: that of
// OpenTelemetry is built on it. The catalog's bounds hold as they do there, and finding a series is as quick.
type Series[C any] struct{ v *vec[C] }

// NewSeries returns the series of a metric. each makes what is kept for one, from its labels, of which those with an empty
// value are left out; series of a metric that is declared Initialised are made at once. folded is told the label of each
// value that is replaced by Other.
func NewSeries[C any](m *catalog.Metric, folded func(label string), each func(labels map[string]string) *C) Series[C] {
	v := newVec(&Registry{now: time.Now}, m, func(of meta) *C {
		labels := make(map[string]string, len(of.labels))
		for _, l := range of.labels {
			labels[l.GetName()] = l.GetValue()
		}
		return each(labels)
	})
	v.folded = folded
	begin(v)
	return Series[C]{v}
}

// With returns what is kept for the series of a key's values.
func (s Series[C]) With(values *[6]string) *C { return s.v.with(values) }
