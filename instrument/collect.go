package instrument

import (
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/obsgen/obsgen/catalog"
)

// one is what each kind of series can do for a scrape.
type one[C any] interface {
	*C
	write(*dto.Metric)
	shown() bool
	written() bool
}

// collector is a metric as the client library's registry wants it.
type collector[C any, P one[C]] struct {
	desc *prometheus.Desc
	v    *vec[C]
}

// Describe implements prometheus.Collector.
func (c collector[C, P]) Describe(ch chan<- *prometheus.Desc) { ch <- c.desc }

// Collect implements prometheus.Collector.
func (c collector[C, P]) Collect(ch chan<- prometheus.Metric) {
	for s := range c.v.all() {
		if p := P(s); p.shown() {
			ch <- sample[C, P]{c.desc, p}
		}
	}
}

// sample is one series at the time of a scrape.
type sample[C any, P one[C]] struct {
	desc   *prometheus.Desc
	series P
}

// Desc implements prometheus.Metric.
func (s sample[C, P]) Desc() *prometheus.Desc { return s.desc }

// Write implements prometheus.Metric.
func (s sample[C, P]) Write(m *dto.Metric) error {
	s.series.write(m)
	return nil
}

func written[C any, P one[C]](v *vec[C]) func() bool {
	return func() bool {
		for s := range v.all() {
			if P(s).written() {
				return true
			}
		}
		return false
	}
}

// describe returns a metric's description with its unit, where the name ends with that, as OpenMetrics wants it.
func describe(m *catalog.Metric) *prometheus.Desc {
	names := make([]string, len(m.Labels))
	for i, l := range m.Labels {
		names[i] = l.Name
	}
	var options []prometheus.DescOpt
	stem := strings.TrimSuffix(m.Name, "_total")
	for _, u := range []string{"seconds", "bytes", "ratio", "celsius", "percent", "milliseconds"} {
		if strings.HasSuffix(stem, "_"+u) {
			options = append(options, prometheus.WithUnit(u))
			break
		}
	}
	return prometheus.V2.NewDesc(m.Name, m.Help, prometheus.UnconstrainedLabels(names), nil, options...)
}
