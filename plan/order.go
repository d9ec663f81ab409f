package plan

import (
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/query"
)

// orderGroups puts every rule after those whose series it reads, within its group and among the groups.
// Prometheus evaluates the rules of a group in order and the groups side by side, so that a rule that
// reads another group's series sees its last evaluation.
func (b *builder) orderGroups() {
	for _, g := range b.plan.Groups {
		g.Rules = ordered(g.Rules, func(r *Rule) []*Rule {
			var in []*Rule
			for _, x := range r.Reads {
				if x.Group == g {
					in = append(in, x)
				}
			}
			return in
		}, func(r *Rule) {
			b.report(r.Site, diag.Error, "record/cycle", r.Name(), r.Name()+" reads its own series through other rules", "break the circle")
		})
	}
	b.plan.Groups = ordered(b.plan.Groups, func(g *Group) []*Group {
		var before []*Group
		for _, r := range g.Rules {
			for _, x := range r.Reads {
				if x.Group != g {
					before = append(before, x.Group)
				}
			}
		}
		return before
	}, func(*Group) {}) // groups may read each other: both lag by one interval
}

// ordered returns the items after those they need, otherwise in their order.
func ordered[T comparable](items []T, needs func(T) []T, circle func(T)) []T {
	const underway, done = 1, 2
	state := map[T]int{}
	var out []T
	var visit func(T)
	visit = func(x T) {
		switch state[x] {
		case done:
			return
		case underway:
			circle(x)
			return
		}
		state[x] = underway
		for _, n := range needs(x) {
			visit(n)
		}
		state[x] = done
		out = append(out, x)
	}
	for _, x := range items {
		visit(x)
	}
	return out
}

// readers records who reads each metric and each recorded series, and reports those that nobody reads.
func (b *builder) readers() {
	note := func(by Reader, source, expr Expr) {
		query.Walk(expr.Tree, func(n parser.Expr) {
			if vs, ok := n.(*parser.VectorSelector); ok {
				if r := b.series[vs.Name].rule; r != nil {
					r.Readers = append(r.Readers, by)
				}
			}
		})
		query.Walk(source.Tree, func(n parser.Expr) {
			if vs, ok := n.(*parser.VectorSelector); ok {
				if m := b.series[vs.Name].series.Metric; m != nil {
					b.plan.Readers[m] = append(b.plan.Readers[m], by)
				}
			}
		})
	}
	for _, board := range b.plan.Boards {
		for _, p := range board.Panels() {
			for _, t := range p.Targets {
				note(Reader{Board: board, Panel: p}, t.Source, t.Expr)
			}
		}
	}
	for _, g := range b.plan.Groups {
		for _, r := range g.Rules {
			note(Reader{Rule: r}, r.Source, r.Expr)
		}
	}
	b.dedupeReaders()
	b.unread()
}

// dedupeReaders drops repetitions: of panels with several queries, and of expressions that read a series twice.
func (b *builder) dedupeReaders() {
	unique := func(rs []Reader) []Reader {
		seen := map[Reader]bool{}
		var out []Reader
		for _, r := range rs {
			if !seen[r] {
				seen[r] = true
				out = append(out, r)
			}
		}
		return out
	}
	for m, rs := range b.plan.Readers {
		b.plan.Readers[m] = unique(rs)
	}
	for _, r := range b.records {
		r.rule.Readers = unique(r.rule.Readers)
	}
}

// unread reports metrics that no panel and no alert reads and recorded series that nothing reads.
func (b *builder) unread() {
	for _, m := range b.plan.Catalog.Own() {
		read := false
		for _, r := range b.plan.Readers[m] {
			read = read || r.Panel != nil || r.Rule.Alert != nil
		}
		switch {
		case !read && m.Unread == "":
			b.report(m.Site, diag.Error, "metric/unread", m.Name, "no panel and no alert reads "+m.Name,
				"show it, alert on it, or give the reason in Spec.Unread")
		case read && m.Unread != "":
			b.report(m.Site, diag.Warning, "metric/stale-waiver", m.Name, m.Name+" is excused from being read, and is read", "delete Spec.Unread")
		}
	}
	for _, r := range b.records {
		if len(r.rule.Readers) == 0 {
			f := b.report(r.rule.Site, diag.Error, "record/unread", r.rule.Record, "nothing reads "+r.rule.Record,
				"delete the rule, or let a panel or an alert use the same expression and window")
			f.Why = "it records " + strings.TrimSpace(r.rule.Source.Text())
		}
	}
}
