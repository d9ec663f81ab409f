package simulate

import (
	"context"
	"math"
	"slices"
	"time"
)

// Situation is something that befalls a service now and then, and that its alerts should know of, or sleep through.
type Situation struct {
	Name string
	// shape is how a source goes on in it, which usually goes on as quiet.
	shape func(s *source, quiet shape) shape
}

// Situations are those of Proof.Matrix.
var Situations = []Situation{
	{"restart", func(s *source, quiet shape) shape {
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
	{"missed scrape", func(_ *source, quiet shape) shape {
		return shape{text: "a missed scrape", rate: quiet.rate, next: func(i int, step time.Duration, v []float64) bool {
			return quiet.next(i, step, v) && i != 0
		}}
	}},
	{"no traffic", func(s *source, quiet shape) shape {
		if !s.counts() {
			return quiet
		}
		return shape{text: "nothing more", next: func(int, time.Duration, []float64) bool { return true }}
	}},
	{"one event", func(s *source, quiet shape) shape {
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
	{"all gone", func(*source, shape) shape { return gone }},
}

// counts reports whether a source goes up by what happens.
func (s *source) counts() bool {
	return s.bounds != nil || slices.ContainsFunc(s.shapes, func(x shape) bool { return math.IsNaN(x.rate) || x.rate != 0 })
}

// matrix runs the alert in each situation, after quiet data.
func (p *prover) matrix(ctx context.Context, quiet []int) ([]bool, error) {
	p.brief = true
	defer func() { p.brief = false }()
	var out []bool
	for _, situation := range Situations {
		ways := make([]int, len(p.sources))
		for i, s := range p.sources {
			ways[i] = len(s.shapes)
			s.shapes = append(s.shapes, situation.shape(s, s.shapes[quiet[i]]))
		}
		var seen Proof
		err := p.verify(ctx, quiet, ways, &seen)
		for _, s := range p.sources {
			s.shapes = s.shapes[:len(s.shapes)-1]
		}
		if err != nil {
			return nil, err
		}
		out = append(out, seen.Fires)
	}
	return out, nil
}
