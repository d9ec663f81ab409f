package simulate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/storage"

	"github.com/obsgen/obsgen/scenario"
)

// Span is a time for which an alert fires, or waits to.
type Span struct {
	Labels labels.Labels
	// From and To are of the scenario's time; To is the end of what was looked at where it fired still.
	From, To time.Duration
	// Pending is when its condition began to hold.
	Pending time.Duration
	// Open says that it fired still when the time was over.
	Open bool
}

// History is what an alert did.
type History struct {
	RuleID
	Spans []Span
}

// Fired reports whether the alert fired at all.
func (h *History) Fired() bool { return len(h.Spans) > 0 }

// Play is a scenario that was played, with the rules on it.
type Play struct {
	Scenario scenario.Resolved
	Begin    time.Time
	Alerts   []*History

	store  *store
	engine *promql.Engine
}

// Failures are what the scenario says of the alerts and they did not do, as sentences.
func (p *Play) Failures() []string {
	var out []string
	known := map[string]bool{}
	for _, h := range p.Alerts {
		known[h.Alert] = true
		must, may := slices.Contains(p.Scenario.Fires, h.Alert), slices.Contains(p.Scenario.May, h.Alert)
		switch {
		case must && !h.Fired():
			out = append(out, h.Alert+" must fire and was quiet")
		case !must && !may && h.Fired():
			s := h.Spans[0]
			out = append(out, fmt.Sprintf("%s must be quiet and fired after %s, for %s, with %s", h.Alert, s.From, s.To-s.From, s.Labels))
		}
	}
	for _, a := range slices.Concat(p.Scenario.Fires, p.Scenario.May) {
		if !known[a] {
			out = append(out, "there is no alert "+a)
		}
	}
	return out
}

// begin is when scenarios begin, where nothing else says it: a Monday, at noon.
var begin = time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)

const usualSeed = 1

// Play runs the rules on a scenario of the data, in Prometheus's own manager of rules, from the first of the usual data to the
// scenario's end.
func (s *RuleSet) Play(ctx context.Context, d *scenario.Data, name string) (*Play, error) {
	g, err := NewGenerator(d, name, begin, 0, usualSeed)
	if err != nil {
		return nil, err
	}
	out := &Play{Scenario: *g.scenario, Begin: begin, store: newStore(), engine: s.engine}
	run, err := s.live(ctx, d, out.engine, out.store)
	if err != nil {
		return nil, err
	}
	for _, r := range s.alerts {
		out.Alerts = append(out.Alerts, &History{RuleID: RuleID{r.file, r.group.Name, r.rule.Alert}})
	}
	end := begin.Add(time.Duration(g.scenario.Lasts))
	made := begin.Add(-g.before)
	open := make([]map[string]*Span, len(out.Alerts))
	for at := made; !at.After(end); at = at.Add(run.every) {
		for made.Before(at) {
			g.Next(1)
			out.store.load(g)
			made = made.Add(g.step)
		}
		if err := run.eval(ctx, at); err != nil {
			return nil, err
		}
		since := at.Sub(begin)
		if since < 0 {
			continue
		}
		for i, h := range out.Alerts {
			if open[i] == nil {
				open[i] = map[string]*Span{}
			}
			h.Spans = follow(h.Spans, open[i], run.alerts[h.RuleID], since)
		}
	}
	for i, h := range out.Alerts {
		for _, sp := range open[i] {
			sp.To, sp.Open = time.Duration(g.scenario.Lasts), true
			h.Spans = append(h.Spans, *sp)
		}
		sortSpans(h.Spans)
	}
	return out, nil
}

func sortSpans(spans []Span) {
	slices.SortFunc(spans, func(a, b Span) int {
		if a.From != b.From {
			return int(a.From - b.From)
		}
		return labels.Compare(a.Labels, b.Labels)
	})
}

// follow adds the spans that ended to those before, and keeps those that go on in open.
func follow(spans []Span, open map[string]*Span, rules []*rules.AlertingRule, at time.Duration) []Span {
	firing := map[string]bool{}
	for _, rule := range rules {
		for _, a := range rule.ActiveAlerts() {
			if !isFiring(a) {
				continue
			}
			key := a.Labels.String()
			firing[key] = true
			if open[key] == nil {
				open[key] = &Span{Labels: a.Labels.Copy(), From: at, Pending: at - a.FiredAt.Sub(a.ActiveAt)}
			}
		}
	}
	for key, sp := range open {
		if !firing[key] {
			sp.To = at
			spans = append(spans, *sp)
			delete(open, key)
		}
	}
	return spans
}

func isFiring(a *rules.Alert) bool { return a.State == rules.StateFiring }

// live is rules in a manager of Prometheus, whose time is told to it.
type live struct {
	manager *rules.Manager
	groups  []*rules.Group
	next    map[*rules.Group]time.Time
	every   time.Duration // the shortest interval of a group
	alerts  map[RuleID][]*rules.AlertingRule
}

func (s *RuleSet) live(ctx context.Context, d *scenario.Data, engine *promql.Engine, data *store) (*live, error) {
	return s.liveOn(ctx, d, rules.EngineQueryFunc(engine, data), data, data, &parsed{s})
}

// liveOn has the rules read from one storage and write to another.
func (s *RuleSet) liveOn(ctx context.Context, d *scenario.Data, query rules.QueryFunc, from storage.Queryable, to storage.AppendableV2, loader rules.GroupLoader) (*live, error) {
	out := &live{next: map[*rules.Group]time.Time{}, alerts: map[RuleID][]*rules.AlertingRule{}}
	out.manager = rules.NewManager(&rules.ManagerOptions{
		QueryFunc: query, AppendableV2: to, Queryable: from, Context: ctx,
		NotifyFunc: func(context.Context, string, ...*rules.Alert) {}, Logger: promslog.NewNopLogger(), Parser: s.parser, GroupLoader: loader,
		OutageTolerance: time.Hour, // of a state that is taken over
	})
	var files []string
	for _, f := range s.files {
		files = append(files, f.path)
	}
	interval := time.Duration(d.Evaluation)
	if interval <= 0 {
		interval = time.Minute
	}
	loaded, errs := out.manager.LoadGroups(interval, labels.FromMap(d.External), "", nil, s.options.IgnoreUnknownFields, files...)
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	for _, f := range s.files { // in the order of the files, so that runs are alike
		for _, g := range f.groups.Groups {
			x := loaded[rules.GroupKey(f.path, g.Name)]
			if x == nil {
				continue
			}
			out.groups = append(out.groups, x)
			if out.every == 0 || x.Interval() < out.every {
				out.every = x.Interval()
			}
			for _, rule := range x.Rules() {
				if a, ok := rule.(*rules.AlertingRule); ok {
					a.SetRestored(true)
					id := RuleID{f.path, g.Name, a.Name()}
					out.alerts[id] = append(out.alerts[id], a)
				}
			}
		}
	}
	// A group that reads what another records comes after it, so that a new value goes all the way in one evaluation.
	out.groups = s.inOrder(out.groups)
	if out.every == 0 {
		out.every = interval
	}
	return out, nil
}

// inOrder returns groups so that those which record come before those which read what they record, as far as that can be.
func (s *RuleSet) inOrder(groups []*rules.Group) []*rules.Group {
	records := map[string]*rules.Group{}
	for _, g := range groups {
		for _, r := range g.Rules() {
			if x, ok := r.(*rules.RecordingRule); ok {
				records[x.Name()] = g
			}
		}
	}
	var out []*rules.Group
	state := map[*rules.Group]int{}
	var visit func(*rules.Group)
	visit = func(g *rules.Group) {
		if state[g] != 0 {
			return
		}
		state[g] = 1
		for _, r := range g.Rules() {
			parser.Inspect(r.Query(), func(n parser.Node, _ []parser.Node) error {
				if x, ok := n.(*parser.VectorSelector); ok && x.Name != "" && records[x.Name] != nil {
					visit(records[x.Name])
				}
				return nil
			})
		}
		out = append(out, g)
	}
	for _, g := range groups {
		visit(g)
	}
	return out
}

// eval evaluates the groups that are due.
func (l *live) eval(ctx context.Context, at time.Time) error {
	for _, g := range l.groups {
		if at.Before(l.next[g]) {
			continue
		}
		l.next[g] = at.Add(g.Interval())
		g.Eval(ctx, at)
		for _, rule := range g.Rules() {
			rule.SetEvaluationTimestamp(at) // in the time of the samples
			if err := rule.LastError(); err != nil {
				return fmt.Errorf("%s: group %s: rule %s: %w", g.File(), g.Name(), rule.Name(), err)
			}
		}
	}
	return ctx.Err()
}

// goOn evaluates all groups for the first time, with the alerts in the state in which their own series say that they were, as a
// server does that starts.
func (l *live) goOn(ctx context.Context, now time.Time) {
	for _, group := range l.groups {
		for _, r := range group.Rules() {
			if a, ok := r.(*rules.AlertingRule); ok {
				a.SetRestored(false)
			}
		}
		group.Eval(ctx, now)
		group.RestoreForState(now)
		group.Eval(ctx, now.Add(time.Millisecond))
		for _, r := range group.Rules() {
			r.SetEvaluationTimestamp(now)
		}
		l.next[group] = now.Add(group.Interval())
	}
}

// evalUntil evaluates the groups at each time at which one is due, up to a time.
func (l *live) evalUntil(ctx context.Context, until time.Time) error {
	for {
		due := until.Add(1)
		for _, g := range l.groups {
			if l.next[g].Before(due) {
				due = l.next[g]
			}
		}
		if due.After(until) {
			return nil
		}
		if err := l.eval(ctx, due); err != nil {
			return err
		}
	}
}

// parsed hands the manager the rules as they were read.
type parsed struct{ set *RuleSet }

// Load returns a file's rules.
func (p *parsed) Load(path string, _ bool, _ model.ValidationScheme) (*rulefmt.RuleGroups, []error) {
	for _, f := range p.set.files {
		if f.path == path {
			return f.groups, nil
		}
	}
	return nil, []error{fmt.Errorf("%s was not read", path)}
}

// Parse parses an expression.
func (p *parsed) Parse(text string) (parser.Expr, error) { return p.set.parser.ParseExpr(text) }

// Query evaluates an expression at a moment of the scenario.
func (p *Play) Query(ctx context.Context, text string, at time.Duration) (promql.Vector, error) {
	q, err := p.engine.NewInstantQuery(ctx, p.store, nil, text, p.Begin.Add(at))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", text, err)
	}
	defer q.Close()
	res := q.Exec(ctx)
	if res.Err != nil {
		return nil, fmt.Errorf("%s: %w", text, res.Err)
	}
	switch v := res.Value.(type) {
	case promql.Vector:
		return slices.Clone(v), nil
	case promql.Scalar:
		return promql.Vector{{T: v.T, F: v.V}}, nil
	}
	return nil, fmt.Errorf("%s gives a %s", text, strings.ToLower(string(res.Value.Type())))
}
