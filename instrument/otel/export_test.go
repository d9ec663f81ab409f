package otel

import (
	"context"
	"fmt"

	"github.com/obsgen/obsgen/catalog"
)

// Write writes a metric by its declaration, as instrument.Writer does by its name.
func (m *Meter) Write(d *catalog.Metric, values *[6]string, v float64) {
	ctx := context.Background()
	switch d.Kind {
	case catalog.KindCounter:
		m.counters[d].With(values).Add(ctx, v)
	case catalog.KindGauge:
		m.gauges[d].With(values).Set(ctx, v)
	case catalog.KindHistogram:
		m.histograms[d].With(values).Observe(ctx, v)
	default:
		panic(fmt.Sprint(d.Kind))
	}
}
