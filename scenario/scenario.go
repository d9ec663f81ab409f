// Package scenario declares what befalls a service, as data: how much traffic there is, how long answers take, what fails and
// when. The package simulate makes series of it, runs the rules on them, and holds the alerts against what the scenario says of
// them.
//
// There is no promise of compatibility before 1.0.
package scenario

import (
	"slices"
	"time"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/rules"
)

// Scenario is a stretch of a service's life, with the alerts that it must set off.
type Scenario struct {
	Name string
	Spec
	Site diag.Site
}

// Spec is the data sheet of a scenario. A zero field means "the usual".
type Spec struct {
	// Help says what happens, as a sentence.
	Help string
	// From are the scenarios that this one goes on from: their samples, models and phases come first, in this order, so that what
	// is said here overrides them. Their alerts are not taken over.
	From []*Scenario
	// Before is how much usual data comes before the scenario begins: windows look back at it. Usual: 30 minutes.
	Before time.Duration
	// Lasts is how long the scenario goes on; what its alerts do is looked at until then. Usual: an hour, or that of From.
	Lasts time.Duration
	// Daily is by which share the traffic is above its mean at the day's peak, and below it at night: 0.4.
	Daily float64
	// Samples are the values that labels with open sets have. Usual: two that match their pattern.
	Samples []Sample
	// Usual is how metrics go but for the phases. What no model speaks of goes on as its catalog lets expect: see Data.
	Usual []Model
	// Phases are what happens, in the order in which the later overrides.
	Phases []Phase
	// Fires are the alerts that must fire before the scenario ends, May those that may. All others must stay quiet.
	Fires, May []*rules.AlertingRule
}

// Sample is the values that a label with an open set has.
type Sample struct {
	Label  *catalog.LabelDef
	Values []string
}

// Take says which values a label with an open set has: for each of them there are series.
func Take(label catalog.AnyLabel, values ...string) Sample { return Sample{label.Def(), values} }

// Reach is what Prometheus gets of a target.
type Reach string

// How a target can be reached.
const (
	// Reached is the usual: each scrape succeeds.
	Reached Reach = ""
	// Down is that scrapes fail: up is 0, and there are no other series.
	Down Reach = "down"
	// Gone is that Prometheus knows of no target: there are no series at all.
	Gone Reach = "gone"
)

// Phase is what happens from a moment of the scenario on.
type Phase struct {
	// From is when it begins, For how long it lasts; 0: until the scenario's end.
	From, For time.Duration
	// Models override the usual ones.
	Models []Model
	// Reach is what Prometheus gets of the targets meanwhile.
	Reach Reach
	// Restarts says that the process starts anew at the begin, and with Every again and again.
	Restarts bool
	Every    time.Duration
	// Instances is how many of the targets it concerns, the first ones; 0: all.
	Instances int
}

// New declares a scenario. Its name is how commands call it: "error-burst".
//
//go:noinline
func New(name string, s Spec) *Scenario { return &Scenario{Name: name, Spec: s, Site: diag.Here(0)} }

// The usual lengths.
const (
	usualBefore = 30 * time.Minute
	usualLength = time.Hour
)

// whole returns the scenario with what it takes from others.
func (s *Scenario) whole() Spec {
	out := Spec{Help: s.Help, Fires: s.Fires, May: s.May}
	for _, from := range s.From {
		base := from.whole()
		out.Before, out.Lasts = max(out.Before, base.Before), max(out.Lasts, base.Lasts)
		if base.Daily != 0 {
			out.Daily = base.Daily
		}
		out.Samples = append(out.Samples, base.Samples...)
		out.Usual = append(out.Usual, base.Usual...)
		out.Phases = append(out.Phases, base.Phases...)
	}
	if s.Before != 0 {
		out.Before = s.Before
	}
	if s.Lasts != 0 {
		out.Lasts = s.Lasts
	}
	if s.Daily != 0 {
		out.Daily = s.Daily
	}
	if out.Before == 0 {
		out.Before = usualBefore
	}
	if out.Lasts == 0 {
		out.Lasts = usualLength
	}
	out.Samples = append(slices.Clip(out.Samples), s.Samples...)
	out.Usual = append(slices.Clip(out.Usual), s.Usual...)
	out.Phases = append(slices.Clip(out.Phases), s.Phases...)
	return out
}

// Model is how some series of a metric go. Its methods return it with one more thing said.
type Model struct {
	metric *catalog.Metric
	with   *catalog.Metric
	site   diag.Site
	said   modelData
}

// Of begins a model of the series of a metric that all matchers accept.
//
//go:noinline
func Of(m catalog.AnyMetric, where ...catalog.Matcher) Model {
	out := Model{metric: m.Def(), site: diag.Here(0)}
	for _, w := range where {
		out.said.Where = append(out.said.Where, matcherData{w.Label.Name, string(w.Op), w.Text})
	}
	return out
}

// Rate says how many events a second one instance counts, over all these series together: of a counter or a histogram.
func (m Model) Rate(perSecond float64) Model { m.said.Rate = &perSecond; return m }

// Share says which part of the events of the whole, that a counter is a part of, these series count.
func (m Model) Share(of float64) Model { m.said.Share = &of; return m }

// With says that each event of another counter is one here, too, where the labels that both have agree.
func (m Model) With(c catalog.CountsUp) Model { m.with = c.Series().Metric; return m }

// Weight says how large a part of their metric's events these series have, beside others that have 1. With 0 they are not
// there: the labels do not occur together. It overrides what earlier models of the same labels, or of some of them, say; weights of
// different labels are multiplied: with status 500 at 0.001 and protocol http at 8, http's 500s have 0.008.
func (m Model) Weight(w float64) Model { m.said.Weight = &w; return m }

// Times multiplies the rate, the share or the level.
func (m Model) Times(factor float64) Model { m.said.Times = &factor; return m }

// Level says which value a gauge has, in the metric's unit.
func (m Model) Level(v float64) Model { m.said.Level = &v; return m }

// Age says how long ago the moment was that a gauge holds as seconds since 1970, such as the last success of a job; below 0: how
// far it lies ahead, such as the expiry of a certificate. It stays so old, as that of a job that runs all the time. Rising(1) in a
// phase lets it age: the last success is then the last before the phase.
func (m Model) Age(d time.Duration) Model { s := d.Seconds(); m.said.Age = &s; return m }

// Rising says by how much a gauge grows a second, or the age of a moment: from the start of the process on, or that of the phase.
func (m Model) Rising(perSecond float64) Model { m.said.Slope = &perSecond; return m }

// Noise says by which share a gauge wavers about its value. Usual: 0.02, and 0 for states.
func (m Model) Noise(share float64) Model { m.said.Noise = &share; return m }

// Median says of which size half of a histogram's observations are at most, in the metric's unit.
func (m Model) Median(v float64) Model { m.said.Median = &v; return m }

// Spread says by which factor above the median 84 % of the observations stay: they are log-normal. Usual: 1.8.
func (m Model) Spread(factor float64) Model { m.said.Spread = &factor; return m }

// Begun says that the service begins these series at its start, at 0, though not all of their metric.
func (m Model) Begun() Model { m.said.Begun = true; return m }

// SinceStart says that a gauge is the time since the process started.
func (m Model) SinceStart() Model { return m.Level(0).Rising(1).Noise(0) }
