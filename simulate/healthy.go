package simulate

import (
	"context"
	"errors"
	"time"

	"github.com/obsgen/obsgen/query"
	"github.com/obsgen/obsgen/scenario"
)

// Usual is the service in the scenarios in which no alert may fire, as samples: the baseline first.
type Usual struct {
	states   []*state
	features query.Features
}

// state is one of these scenarios.
type state struct {
	name       string
	begin, end time.Time // of what alerts are asked about
	from       time.Time // of the samples
	every      time.Duration
	samples    *store
	recorded   *Overlay // with what the rules record, as they are
}

// NewUsual makes the samples of the first scenario of the data, and of the others that name no alert, for a server with these
// flags. It returns an error where there is none.
func NewUsual(d *scenario.Data, features query.Features) (*Usual, error) {
	if len(d.Scenarios) == 0 {
		return nil, errors.New("there are no scenarios")
	}
	u := &Usual{features: features}
	for i, s := range d.Scenarios {
		if i > 0 && len(s.Fires)+len(s.May) > 0 {
			continue
		}
		g, err := NewGenerator(d, s.Name, begin, 0, usualSeed)
		if err != nil {
			return nil, err
		}
		st := &state{name: s.Name, begin: begin, from: begin.Add(-g.before), end: begin.Add(time.Duration(g.scenario.Lasts)), every: proofStep, samples: newStore()}
		st.recorded = newOverlay(st.samples, features)
		for made := st.from; made.Before(st.end); made = made.Add(samplesPerChunk * g.step) {
			g.Next(samplesPerChunk)
			st.samples.load(g)
		}
		u.states = append(u.states, st)
	}
	return u, nil
}

// fires is when an alert fires where none may.
type fires struct {
	in    string  // the scenario
	share float64 // of its time
	with  string  // the labels of the first alert
}

// fires returns the first state in which an alert fires, and a share of 0 where there is none. Where the rules are not the
// set's own, nothing that they record is kept.
func (u *Usual) fires(ctx context.Context, p *prover, own bool) (fires, error) {
	for _, st := range u.states {
		over := st.recorded
		if !own {
			over = newOverlay(st.samples, u.features)
		}
		share, with, err := st.share(ctx, over, p)
		if err != nil || share > 0 {
			return fires{st.name, share, with}, err
		}
	}
	return fires{}, nil
}

// share returns for which part of the time an alert fires, and what it fires with first.
func (u *state) share(ctx context.Context, over *Overlay, p *prover) (float64, string, error) {
	for _, r := range p.records {
		if err := over.record(ctx, r, u.from, u.end, u.every); err != nil {
			return 0, "", err
		}
	}
	m, err := over.matrix(ctx, p.alert.rule.Expr, u.from, u.end, u.every)
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
