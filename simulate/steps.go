package simulate

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/storage"

	"github.com/obsgen/obsgen/catalog/external"
	"github.com/obsgen/obsgen/scenario"
)

// steps are the rules of a backtest that are evaluated one moment after the other, in Prometheus's own groups, since what they do
// follows from more than what their expressions give: from alerts that were active before, from labels that depend on the value, or
// from the limit of their group.
type steps struct {
	set  *RuleSet
	past Past
	over *Overlay // has the series of alerts, and of the past all where that can be read in place
	// loops says that any alert reads the series of alerts: those of all alerts are then written, from far on.
	loops         bool
	far, from, to time.Time
	lock          *sync.Mutex // of the past
	rules         []*ruleIn
	tested        map[*ruleIn]*Tested
}

// readsAlerts reports whether a rule reads the series of alerts, itself or by what other rules record, and whether it reads nothing
// else.
func (s *RuleSet) readsAlerts(r *ruleIn) (reads, alone bool) {
	p := &prover{set: s}
	p.need(r.expr, map[*ruleIn]bool{})
	alone = true
	for _, x := range append(p.records, r) {
		parser.Inspect(x.expr, func(n parser.Node, _ []parser.Node) error {
			v, ok := n.(*parser.VectorSelector)
			if !ok {
				return nil
			}
			of := func(name string) bool {
				return !slices.ContainsFunc(v.LabelMatchers, func(m *labels.Matcher) bool { return m.Name == model.MetricNameLabel && !m.Matches(name) })
			}
			switch alerts := of(external.AlertsActive.Name) || of(external.AlertsForState.Name); {
			case alerts:
				reads = true
			case len(s.records[v.Name]) == 0:
				alone = false
			}
			return nil
		})
	}
	return reads, alone
}

// templated returns the names of the labels that depend on what the expression gives.
func (r *ruleIn) templated() []string {
	var out []string
	for k, v := range r.rule.Labels {
		if strings.Contains(v, "{{") {
			out = append(out, k)
		}
	}
	return out
}

// takes reports whether a rule is evaluated step by step. On a server the rules that read the series of alerts and other series,
// too, are asked for as they are: there these series are those of the rules that run there.
func (st *steps) takes(r *ruleIn) bool {
	reads, alone := st.set.readsAlerts(r)
	if reads {
		return st.past.Store() != nil || alone
	}
	return r.rule.Record == "" && (r.group.Limit > 0 || len(r.templated()) > 0)
}

// run evaluates the rules from the begin to the end, and fills in what was tested.
func (st *steps) run(ctx context.Context) error {
	begin := st.from
	if st.loops {
		begin = st.far
	}
	known := map[string]map[int64]promql.Vector{}
	var list []*ruleIn
	for _, r := range st.rules {
		every, offset := r.every(time.Minute), time.Duration(0)
		if r.group.QueryOffset != nil {
			offset = time.Duration(*r.group.QueryOffset)
		}
		reads, _ := st.set.readsAlerts(r)
		var err error
		if reads {
			err = st.recorded(ctx, r)
		} else {
			var m promql.Matrix
			if m, err = st.set.past(ctx, st.past, r, st.far, begin.Truncate(every).Add(-offset), st.to.Truncate(every).Add(-offset), every, st.lock); err == nil {
				keep(known, r.expr.String(), m)
			}
		}
		switch t := st.tested[r]; {
		case err == nil:
			list = append(list, r)
		case isGone(ctx, err):
			return fmt.Errorf("rule %s: %w", r.name(), err)
		case t != nil:
			t.Failure = err.Error()
		}
	}
	asked := rules.EngineQueryFunc(st.set.engine, st.over)
	query := func(ctx context.Context, text string, at time.Time) (promql.Vector, error) {
		if moments, ok := known[text]; ok {
			return slices.Clone(moments[at.UnixMilli()]), nil
		}
		if st.past.Store() == nil {
			if !slices.ContainsFunc(list, func(r *ruleIn) bool { return r.expr.String() == text }) { // of a template
				e, err := st.set.parser.ParseExpr(text)
				if err != nil {
					return nil, err
				}
				m, err := st.past.Matrix(ctx, e, at, at, time.Second)
				one := map[string]map[int64]promql.Vector{}
				keep(one, text, m)
				return one[text][at.UnixMilli()], err
			}
		}
		return asked(ctx, text, at)
	}
	var to storage.AppendableV2 = newStore() // which nobody reads
	if st.loops {
		to = st.over.store
	}
	run, err := st.set.liveOn(ctx, &scenario.Data{}, query, st.over, to, &only{set: st.set, rules: list, bare: true})
	if err != nil {
		return err
	}
	open := map[*rules.AlertingRule]map[string]int{}
	limited := map[*ruleIn]int{}
	for _, g := range run.groups {
		run.next[g] = begin.Truncate(g.Interval())
	}
	for {
		var due *rules.Group
		for _, g := range run.groups {
			if at := run.next[g]; !at.After(st.to) && (due == nil || at.Before(run.next[due])) {
				due = g
			}
		}
		if due == nil {
			break
		}
		at := run.next[due]
		run.next[due] = at.Add(due.Interval())
		due.Eval(ctx, at)
		if err := ctx.Err(); err != nil {
			return err
		}
		for _, rule := range due.Rules() {
			i := slices.IndexFunc(list, func(r *ruleIn) bool {
				return r.file == due.File() && r.group.Name == due.Name() && r.name() == rule.Name() && r.expr.String() == rule.Query().String()
			})
			t := st.tested[list[i]]
			if t == nil {
				continue
			}
			if err := rule.LastError(); err != nil {
				switch {
				case !at.Before(st.from) && strings.Contains(err.Error(), "exceeded limit of"):
					limited[list[i]]++
				case t.Failure == "" && !strings.Contains(err.Error(), "exceeded limit of"):
					t.Failure = fmt.Sprintf("at %s: %v", at.Format(time.RFC3339), err)
				}
			}
			if a, ok := rule.(*rules.AlertingRule); ok && !at.Before(st.from.Truncate(due.Interval())) {
				if open[a] == nil {
					open[a] = map[string]int{}
				}
				t.follow(list[i], a, open[a], at)
				if at.Add(due.Interval()).After(st.to) {
					for _, i := range open[a] {
						t.Spans[i].Open = true
					}
				}
			}
		}
	}
	for r, t := range st.tested {
		if n := limited[r]; n > 0 {
			t.Note = fmt.Sprintf("the limit %d of its group was exceeded at %d evaluations, at which none of its alerts was active", r.group.Limit, n)
		}
	}
	for _, t := range st.tested {
		sortFired(t.Spans)
	}
	return nil
}

// recorded evaluates the recording rules that a rule reads and that do not read the series of alerts themselves.
func (st *steps) recorded(ctx context.Context, r *ruleIn) error {
	p := &prover{set: st.set}
	p.need(r.expr, map[*ruleIn]bool{})
	for _, rec := range p.records {
		if reads, _ := st.set.readsAlerts(rec); reads || st.past.Store() == nil {
			continue
		}
		step := rec.every(time.Minute)
		if err := st.over.record(ctx, rec, st.far.Truncate(step), st.to, step); err != nil {
			return err
		}
	}
	return nil
}

// follow adds what fires at a moment to the spans; open has the numbers of those that go on, by their labels.
func (t *Tested) follow(r *ruleIn, a *rules.AlertingRule, open map[string]int, at time.Time) {
	firing := map[string]bool{}
	for _, x := range a.ActiveAlerts() {
		if !isFiring(x) {
			continue
		}
		key := x.Labels.String()
		firing[key] = true
		i, ok := open[key]
		if !ok {
			i = len(t.Spans)
			open[key] = i
			t.Spans = append(t.Spans, Fired{Labels: r.telling(x.Labels), Since: x.ActiveAt.UTC(), From: at.UTC(), Value: x.Value})
		}
		t.Spans[i].To = at.UTC()
		t.Spans[i].see(x.Value)
	}
	for key, i := range open {
		if !firing[key] {
			t.Spans[i].To = at.UTC()
			delete(open, key)
		}
	}
}

// telling returns the labels of an alert without those that all alerts of the rule have.
func (r *ruleIn) telling(ls labels.Labels) labels.Labels {
	b := labels.NewBuilder(ls).Del(labels.AlertName)
	depends := r.templated()
	for _, of := range []map[string]string{r.group.Labels, r.rule.Labels} {
		for k := range of {
			if !slices.Contains(depends, k) {
				b.Del(k)
			}
		}
	}
	return b.Labels()
}

// keep keeps what a text gives at each moment; what is known of a moment stays.
func keep(known map[string]map[int64]promql.Vector, text string, m promql.Matrix) {
	if known[text] == nil {
		known[text] = map[int64]promql.Vector{}
	}
	fresh := map[int64]promql.Vector{}
	for _, s := range m {
		for _, p := range s.Floats {
			fresh[p.T] = append(fresh[p.T], promql.Sample{Metric: s.Metric, T: p.T, F: p.F})
		}
		for _, p := range s.Histograms {
			fresh[p.T] = append(fresh[p.T], promql.Sample{Metric: s.Metric, T: p.T, H: p.H})
		}
	}
	for at, v := range fresh {
		if _, ok := known[text][at]; !ok {
			known[text][at] = v
		}
	}
}
