package simulate

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"golang.org/x/sync/errgroup"

	"github.com/obsgen/obsgen/catalog/external"
)

// Tested is what an alert would have done in the past.
type Tested struct {
	RuleID
	Severity string
	// Every is the time between evaluations, For and Keep what the rule says.
	Every, For, Keep time.Duration
	From, To         time.Time
	Spans            []Fired
	// Failure is what the engine or the server said where the alert could not be evaluated; nothing else is then known.
	Failure string
	// Note is what else is to be known of it.
	Note string
}

// Times are how often it fired: spans of different labels that overlap are one, as whoever is woken sees it.
func (b *Tested) Times() []Fired {
	var out []Fired
	for _, s := range b.Spans { // sorted by their begin
		if n := len(out); n > 0 && !s.From.After(out[n-1].To) {
			if s.To.After(out[n-1].To) {
				out[n-1].To, out[n-1].Open = s.To, s.Open
			}
			continue
		}
		out = append(out, s)
	}
	return out
}

// Noise is how much an alert is heard of.
type Noise struct {
	Times                     int
	PerWeek                   float64
	Shortest, Median, Longest time.Duration
	// Firing is for which part of the time it fires.
	Firing float64
}

// Noise returns it for the whole time.
func (b *Tested) Noise() Noise {
	times := b.Times()
	out := Noise{Times: len(times)}
	if len(times) == 0 {
		return out
	}
	var lengths []time.Duration
	total := time.Duration(0)
	for _, t := range times {
		lengths = append(lengths, t.To.Sub(t.From))
		total += t.To.Sub(t.From)
	}
	slices.Sort(lengths)
	whole := b.To.Sub(b.From)
	out.PerWeek = float64(len(times)) * float64(7*24*time.Hour) / float64(whole)
	out.Shortest, out.Median, out.Longest = lengths[0], lengths[len(lengths)/2], lengths[len(lengths)-1]
	out.Firing = float64(total) / float64(whole)
	return out
}

// Backtest evaluates the alerts that match, by name, on the past, from one time to another; nil: all alerts. What recording
// rules of the set record is evaluated from the same samples, whatever the past has under these names. An alert that cannot be
// evaluated has a Failure; only where the past answers nothing any more there is an error.
func (s *RuleSet) Backtest(ctx context.Context, past Past, from, to time.Time, match func(string) bool) ([]*Tested, error) {
	if !from.Before(to) {
		return nil, fmt.Errorf("the time from %s to %s is empty", from.Format(time.RFC3339), to.Format(time.RFC3339))
	}
	var alerts []*ruleIn
	for _, r := range s.alerts {
		if match == nil || match(r.rule.Alert) {
			alerts = append(alerts, r)
		}
	}
	out := make([]*Tested, len(alerts))
	var lock sync.Mutex // of the past, where its samples are read by one at a time
	st := &steps{set: s, past: past, over: past.Store(), from: from, to: to, lock: &lock, tested: map[*ruleIn]*Tested{}}
	if st.over == nil {
		st.over = newOverlay(nil, s.options.Features)
	}
	for _, r := range alerts {
		reads, _ := s.readsAlerts(r)
		st.loops = st.loops || reads && st.takes(r)
	}
	// far is from which on rules record: as far back as any alert reads, since all read the same.
	if past.Store() != nil || st.loops {
		st.far = s.earliest(past, from)
	}
	all := alerts
	if st.loops { // they read the series of all
		all = s.alerts
		st.over.hidden[external.AlertsActive.Name], st.over.hidden[external.AlertsForState.Name] = true, true
	}
	one := func(ctx context.Context, r *ruleIn, i int) error {
		every := r.every(time.Minute)
		begin := st.from.Truncate(every)
		if st.loops {
			begin = st.far.Truncate(every)
		}
		from, to := from.Truncate(every), to.Truncate(every)
		t := &Tested{
			RuleID: RuleID{r.file, r.group.Name, r.rule.Alert}, Severity: r.rule.Labels["severity"], Every: every, For: time.Duration(r.rule.For),
			Keep: time.Duration(r.rule.KeepFiringFor), From: from, To: to,
		}
		if i >= 0 {
			out[i] = t
		}
		if st.takes(r) {
			if i >= 0 {
				st.tested[r] = t
			}
			return nil
		}
		m, err := s.past(ctx, past, r, st.far, begin, to, every, &lock)
		switch {
		case isGone(ctx, err):
			return fmt.Errorf("alert %s: %w", r.rule.Alert, err)
		case err != nil:
			t.Failure = err.Error()
			return nil
		}
		if reads, _ := s.readsAlerts(r); reads {
			t.Note = "it reads the series of alerts as the server has them, of the rules that run there"
		} else if st.loops {
			lock.Lock()
			defer lock.Unlock()
			if err := st.over.alerted(ctx, r, m, every, to); err != nil {
				return err
			}
			m = since(m, from)
		}
		t.Spans = Spans(m, t.For, t.Keep, every, to)
		return nil
	}
	work, within := errgroup.WithContext(ctx)
	work.SetLimit(runtime.GOMAXPROCS(0))
	for _, r := range all {
		// What is tested is written by one at a time below.
		if i := slices.Index(alerts, r); st.takes(r) {
			st.rules = append(st.rules, r)
			if err := one(within, r, i); err != nil {
				return nil, err
			}
		} else {
			work.Go(func() error { return one(within, r, i) })
		}
	}
	if err := work.Wait(); err != nil || len(st.rules) == 0 {
		return out, err
	}
	if st.loops { // and what they record of alerts
		for _, name := range slices.Sorted(maps.Keys(s.records)) {
			for _, r := range s.records[name] {
				if reads, _ := s.readsAlerts(r); reads && st.takes(r) {
					st.rules = append(st.rules, r)
					st.over.hidden[name] = true
				}
			}
		}
	}
	return out, st.run(ctx)
}

// isGone reports whether an error is one of all that is asked, and not of one rule.
func isGone(ctx context.Context, err error) bool {
	var gone *unreachable
	return ctx.Err() != nil || errors.As(err, &gone)
}

// since returns what is not before a time.
func since(m promql.Matrix, from time.Time) promql.Matrix {
	var out promql.Matrix
	for _, s := range m {
		s.Floats = slices.DeleteFunc(s.Floats, func(p promql.FPoint) bool { return p.T < from.UnixMilli() })
		s.Histograms = slices.DeleteFunc(s.Histograms, func(p promql.HPoint) bool { return p.T < from.UnixMilli() })
		if len(s.Floats)+len(s.Histograms) > 0 {
			out = append(out, s)
		}
	}
	return out
}

// past returns what an alert's expression gave at each evaluation; far is from when on the rules that it reads record.
func (s *RuleSet) past(ctx context.Context, past Past, r *ruleIn, far, from, to time.Time, every time.Duration, lock *sync.Mutex) (promql.Matrix, error) {
	over := past.Store()
	if over == nil {
		expr, err := s.inlined(r.expr, every, map[string]bool{})
		if err != nil {
			return nil, err
		}
		return past.Matrix(ctx, expr, from, to, every)
	}
	lock.Lock()
	defer lock.Unlock()
	p := &prover{set: s}
	p.need(r.expr, map[*ruleIn]bool{})
	for _, rec := range p.records {
		step := rec.every(time.Minute)
		if err := over.record(ctx, rec, far.Truncate(step), to, step); err != nil {
			return nil, fmt.Errorf("%s: %w", past, err)
		}
	}
	m, err := past.Matrix(ctx, r.expr, from, to, every)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", past, err)
	}
	return m, nil
}

// earliest is how far back anything is recorded.
func (s *RuleSet) earliest(past Past, from time.Time) time.Time {
	far := time.Duration(0)
	for _, r := range s.alerts {
		far = max(far, s.prover(r, false).window)
	}
	begin := from.Add(-far - 5*time.Minute)
	if first, _, known := past.Bounds(); known && begin.Before(first) {
		begin = first
	}
	return begin
}

// inlined returns an expression with the recording rules that it reads put into their places: for a server that does not have
// these rules.
func (s *RuleSet) inlined(e parser.Expr, every time.Duration, inside map[string]bool) (parser.Expr, error) {
	e, err := s.parser.ParseExpr(e.String()) // a copy
	if err != nil {
		return nil, err
	}
	var fault error
	e = replace(e, func(x parser.Expr) parser.Expr {
		sel, ok := x.(*parser.VectorSelector)
		rng := time.Duration(0)
		if m, is := x.(*parser.MatrixSelector); is {
			sel, ok, rng = m.VectorSelector.(*parser.VectorSelector), true, m.Range
		}
		if !ok || len(s.records[sel.Name]) == 0 {
			return x
		}
		rules := s.records[sel.Name]
		switch {
		case inside[sel.Name]:
			fault = errors.Join(fault, fmt.Errorf("%s is recorded of itself", sel.Name))
			return x
		case len(rules) > 1 || len(sel.LabelMatchers) > 1 || sel.OriginalOffset != 0 || sel.Timestamp != nil || sel.StartOrEnd != 0:
			return x // the server's own series, where it has them
		}
		within := maps.Clone(inside)
		within[sel.Name] = true
		inner, err := s.inlined(rules[0].expr, every, within)
		if err != nil {
			fault = errors.Join(fault, err)
			return x
		}
		var out parser.Expr = &parser.ParenExpr{Expr: inner}
		for _, ls := range []map[string]string{rules[0].group.Labels, rules[0].rule.Labels} {
			for _, k := range slices.Sorted(maps.Keys(ls)) {
				out = &parser.Call{Func: parser.Functions["label_replace"], Args: parser.Expressions{
					out, &parser.StringLiteral{Val: k}, &parser.StringLiteral{Val: ls[k]}, &parser.StringLiteral{}, &parser.StringLiteral{},
				}}
			}
		}
		if rng == 0 {
			return out
		}
		step := rules[0].every(every)
		// A range over 30 days at each minute is more than a server gives: at most 2,000 moments of it.
		step = max(step, (rng / 2000).Truncate(time.Minute))
		return &parser.SubqueryExpr{Expr: out, Range: rng, Step: step}
	})
	return e, fault
}

// replace returns an expression with each part replaced by what f returns for it, from the top; f's results are not looked into.
func replace(e parser.Expr, f func(parser.Expr) parser.Expr) parser.Expr {
	if out := f(e); out != e {
		return out
	}
	switch x := e.(type) {
	case *parser.AggregateExpr:
		x.Expr = replace(x.Expr, f)
		if x.Param != nil {
			x.Param = replace(x.Param, f)
		}
	case *parser.BinaryExpr:
		x.LHS, x.RHS = replace(x.LHS, f), replace(x.RHS, f)
	case *parser.Call:
		for i := range x.Args {
			x.Args[i] = replace(x.Args[i], f)
		}
	case *parser.ParenExpr:
		x.Expr = replace(x.Expr, f)
	case *parser.UnaryExpr:
		x.Expr = replace(x.Expr, f)
	case *parser.SubqueryExpr:
		x.Expr = replace(x.Expr, f)
	case *parser.StepInvariantExpr:
		x.Expr = replace(x.Expr, f)
	}
	return e
}

// Forget makes a past forget what was recorded over it, before other rules are tested on it.
func Forget(p Past) {
	if o := p.Store(); o != nil {
		o.forget()
	}
}

// withoutName is used for spans: the labels of an alert are those of the expression's series.
func withoutName(ls labels.Labels) labels.Labels {
	return labels.NewBuilder(ls).Del(model.MetricNameLabel).Labels()
}
