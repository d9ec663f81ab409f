package simulate

import (
	"context"
	"errors"
	"time"

	"github.com/obsgen/obsgen/query"
	"github.com/obsgen/obsgen/scenario"
)

// Usual is the usual state of a service, as samples: what alerts must be quiet on.
type Usual struct {
	begin, end time.Time // of what alerts are asked about
	from       time.Time // of the samples
	every      time.Duration
	over       *Overlay
}

// NewUsual makes the samples of the first scenario of the data, for a server with these flags. It returns an error where there is
// none.
func NewUsual(d *scenario.Data, features query.Features) (*Usual, error) {
	if len(d.Scenarios) == 0 {
		return nil, errors.New("there are no scenarios")
	}
	g, err := NewGenerator(d, d.Scenarios[0].Name, begin, 0, usualSeed)
	if err != nil {
		return nil, err
	}
	u := &Usual{
		begin: begin, from: begin.Add(-g.before), end: begin.Add(time.Duration(g.scenario.Lasts)), every: proofStep, over: newOverlay(nil, features),
	}
	for made := u.from; made.Before(u.end); made = made.Add(samplesPerChunk * g.step) {
		g.Next(samplesPerChunk)
		u.over.store.load(g)
	}
	return u, nil
}

// share returns for which part of the time an alert fires, and what it fires with first.
func (u *Usual) share(ctx context.Context, p *prover) (float64, string, error) {
	for _, r := range p.records {
		if err := u.over.record(ctx, r, u.from, u.end, u.every); err != nil {
			return 0, "", err
		}
	}
	m, err := u.over.matrix(ctx, p.alert.rule.Expr, u.from, u.end, u.every)
	if err != nil {
		return 0, "", err
	}
	spans := Spans(m, time.Duration(p.alert.rule.For), time.Duration(p.alert.rule.KeepFiringFor), u.every, u.end)
	fires, first := time.Duration(0), ""
	for at := u.begin; at.Before(u.end); at = at.Add(u.every) {
		for _, s := range spans {
			if !s.From.After(at) && s.To.After(at) {
				fires += u.every
				if first == "" {
					first = s.Labels.String()
				}
				break
			}
		}
	}
	return float64(fires) / float64(u.end.Sub(u.begin)), first, nil
}
