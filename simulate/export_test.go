package simulate

import (
	"fmt"
	"math"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"

	"github.com/obsgen/obsgen/scenario"
)

// Annotation returns an annotation of an alerting rule as it is written, "" where it has none.
func (s *RuleSet) Annotation(alert, name string) string {
	for _, r := range s.alerts {
		if r.rule.Alert == alert {
			return r.rule.Annotations[name]
		}
	}
	return ""
}

// Samples calls f with all samples of a generator's batch.
func Samples(g *Generator, f func(labels.Labels, string)) {
	for _, t := range g.targets {
		t.columns(func(c *column) {
			for i, v := range c.v {
				if isNone(v) {
					continue
				}
				var h *histogram.Histogram
				if c.native {
					if h = c.h[i]; h == nil {
						h = &histogram.Histogram{Sum: v}
					}
					v = 0
				}
				f(c.labels, SampleText(t.times[c.first+i], v, h))
			}
		})
	}
}

// SampleText writes a sample, so that no two differ in nothing but their text.
func SampleText(at int64, v float64, h *histogram.Histogram) string {
	if h == nil {
		return fmt.Sprintf("%d %x", at, math.Float64bits(v))
	}
	if value.IsStaleNaN(h.Sum) {
		return fmt.Sprintf("%d stale histogram", at)
	}
	h = h.Copy()
	h.CounterResetHint = histogram.UnknownCounterReset
	return fmt.Sprintf("%d %s", at, h)
}

// Reading is what Prometheus has of a series, in the order of the samples.
type Reading struct {
	At    []int64
	Value []float64
}

// Made returns what a scenario's generator gives: numbers only.
func Made(d *scenario.Data, name string, seed uint64, scrapes int) (map[string]*Reading, error) {
	g, err := NewGenerator(d, name, begin, 0, seed)
	if err != nil {
		return nil, err
	}
	s := newStore()
	for left := scrapes; left > 0; left -= 50 {
		g.Next(min(left, 50))
		s.load(g)
	}
	out := map[string]*Reading{}
	for _, list := range s.byName {
		for _, x := range list {
			r := &Reading{}
			for _, p := range x.points {
				r.At, r.Value = append(r.At, p.t), append(r.Value, p.v)
			}
			out[x.labels.String()] = r
		}
	}
	return out, nil
}

// Hurried is a server that waits a moment only before it asks again, and whose answers are kept under a name.
func Hurried(s Server, name string) Server {
	s.wait, s.name = time.Millisecond, name
	return s
}

// RulesOf returns the rules of a plan.
var RulesOf = rulesOf
