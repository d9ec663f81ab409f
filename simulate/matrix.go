package simulate

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/obsgen/obsgen/rules"
)

// Situation is something that befalls a service now and then, and that its alerts should know of, or sleep through.
type Situation struct {
	Name rules.Situation
	// before and shape are how a source goes on before it and in it, which usually goes on as quiet. A nil before is quiet.
	before, shape func(s *source, quiet shape) shape
	// second is how the sources of a second instance do; nil: there is none.
	second func(s *source, quiet shape) (before, now shape)
}

func as(s shape) func(*source, shape) shape { return func(*source, shape) shape { return s } }

func usual(_ *source, quiet shape) shape { return quiet }

// Situations are those of Proof.Matrix.
var Situations = []Situation{
	{Name: rules.Restart, shape: func(s *source, quiet shape) shape {
		if !s.counts() {
			return quiet
		}
		return shape{text: "a restart", rate: quiet.rate, next: func(i int, step time.Duration, v []float64) bool {
			if i == 0 {
				clear(v)
				return true
			}
			return quiet.next(i, step, v)
		}}
	}},
	{Name: rules.MissedScrape, shape: func(s *source, quiet shape) shape {
		if s.name == "up" { // it says itself that the scrape failed
			return shape{text: "0 once", next: func(i int, step time.Duration, v []float64) bool {
				ok := quiet.next(i, step, v)
				if i == 0 {
					v[0] = 0
				}
				return ok
			}}
		}
		return shape{text: "a missed scrape", rate: quiet.rate, next: func(i int, step time.Duration, v []float64) bool {
			return quiet.next(i, step, v) && i != 0
		}}
	}},
	{Name: rules.NoTraffic, shape: func(s *source, quiet shape) shape {
		if !s.counts() {
			return quiet
		}
		return shape{text: "nothing more", next: func(int, time.Duration, []float64) bool { return true }}
	}},
	{Name: rules.OneEvent, shape: func(s *source, quiet shape) shape {
		if s.bounds != nil || !s.counts() {
			return quiet
		}
		return shape{text: "one more", rate: quiet.rate, next: func(i int, step time.Duration, v []float64) bool {
			ok := quiet.next(i, step, v)
			if i == 0 {
				v[0]++
			}
			return ok
		}}
	}},
	{Name: rules.LateStart, before: as(gone), shape: usual},
	{Name: rules.ScaleOut, shape: usual, second: func(_ *source, quiet shape) (shape, shape) { return gone, quiet }},
	{Name: rules.PartialOutage, shape: usual, second: func(s *source, quiet shape) (shape, shape) {
		if s.name == "up" { // it says itself that the scrape failed
			return quiet, steady(0)
		}
		return quiet, gone
	}},
	{Name: rules.AllGone, shape: as(gone)},
}

// counts reports whether a source goes up by what happens.
func (s *source) counts() bool {
	return s.bounds != nil || slices.ContainsFunc(s.shapes, func(x shape) bool { return math.IsNaN(x.rate) || x.rate != 0 })
}

// matrix runs the alert in each situation.
func (p *prover) matrix(ctx context.Context, quiet []int) ([]bool, error) {
	var out []bool
	for _, situation := range Situations {
		in := *p
		in.brief, in.sources = true, nil
		for i, s := range p.sources {
			usual := s.shapes[quiet[i]]
			before := usual
			if situation.before != nil {
				before = situation.before(s, usual)
			}
			in.sources = append(in.sources, &source{s.name, s.labels, s.bounds, []shape{before, situation.shape(s, usual)}, s.partOf})
			if situation.second == nil || s.labels.Get("instance") != "app:9090" {
				continue
			}
			b := labels.NewBuilder(s.labels)
			b.Set("instance", "app:9092")
			first, then := situation.second(s, usual)
			in.sources = append(in.sources, &source{s.name, b.Labels(), s.bounds, []shape{first, then}, s.partOf})
		}
		before, now := make([]int, len(in.sources)), make([]int, len(in.sources))
		for i := range now {
			now[i] = 1
		}
		var seen Proof
		if err := in.verify(ctx, before, now, &seen); err != nil {
			return nil, err
		}
		out = append(out, seen.Fires)
	}
	return out, nil
}
