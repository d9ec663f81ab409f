package plan

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/dashboards"
	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/query"
)

// scope lets aggregations of rules and panels keep the target labels of their group or dashboard, so that
// what several jobs expose stays apart, and confines the metrics of others to the profile's job: every
// target has an up.
func (b *builder) scope() {
	for _, g := range b.plan.Groups {
		var keep []string
		for _, l := range g.decl.Keep {
			keep = append(keep, l.Def().Name)
		}
		scope := func(e parser.Expr) parser.Expr { return b.confine(keepLabels(e, keep)) }
		for _, r := range g.Rules {
			r.Source.Tree = scope(r.Source.Tree)
			r.Expr.Tree = r.Source.Tree
			if r.Alert != nil {
				r.Alert.Value.Tree = scope(r.Alert.Value.Tree)
			}
		}
	}
	for _, board := range b.plan.Boards {
		var keep []string
		for _, l := range board.decl.Keep {
			keep = append(keep, l.Def().Name)
			one := slices.ContainsFunc(board.decl.Variables, func(v dashboards.Variable) bool { return v.Label == l.Def() && v.Single })
			b.require(one, board.Site, "dashboard/keep", board.UID,
				fmt.Sprintf("dashboard %s keeps %s, of which several values can be chosen: lines of one panel would have the same name", board.UID, l.Def().Name),
				"add dashboards.Values(…).OneAtATime()")
		}
		// A picker of jobs confines as well, and lets the reader choose.
		picked := slices.ContainsFunc(board.decl.Variables, func(v dashboards.Variable) bool { return v.Label == catalog.Job.LabelDef })
		for _, p := range board.Panels() {
			for i := range p.Targets {
				t := &p.Targets[i]
				t.Source.Tree = keepLabels(t.Source.Tree, keep)
				if !picked {
					t.Source.Tree = b.confine(t.Source.Tree)
				}
				t.Expr.Tree = t.Source.Tree
			}
		}
		for i := range board.Annotations {
			if a := &board.Annotations[i].Expr; !picked {
				a.Tree = b.confine(a.Tree)
			}
		}
	}
}

// keepLabels adds labels to the groupings and matchings of an expression.
func keepLabels(e parser.Expr, keep []string) parser.Expr {
	if len(keep) == 0 {
		return e
	}
	with := func(ls []string) []string {
		out := slices.Clone(ls)
		for _, k := range keep {
			if !slices.Contains(out, k) {
				out = append(out, k)
			}
		}
		return out
	}
	return query.Map(e, func(n parser.Expr) parser.Expr {
		switch x := n.(type) {
		case *parser.AggregateExpr:
			if !x.Without {
				x.Grouping = with(x.Grouping)
			}
		case *parser.BinaryExpr:
			if vm := x.VectorMatching; vm != nil && vm.On {
				vm.MatchingLabels = with(vm.MatchingLabels)
			}
		}
		return n
	})
}

// confine selects the profile's job in metrics that every target has.
func (b *builder) confine(e parser.Expr) parser.Expr {
	if b.plan.Profile.Job == "" {
		return e
	}
	job := labels.MustNewMatcher(labels.MatchEqual, catalog.Job.Name, b.plan.Profile.Job)
	return query.Map(e, func(n parser.Expr) parser.Expr {
		vs, ok := n.(*parser.VectorSelector)
		if !ok {
			return n
		}
		s := b.series[vs.Name].series
		if s.Metric == nil || !s.Metric.Group.External || s.Metric.Group.Synthetic || hasMatcher(vs, catalog.Job.Name) {
			return n
		}
		vs.LabelMatchers = append(slices.Clone(vs.LabelMatchers), job)
		return vs
	})
}

func hasMatcher(vs *parser.VectorSelector, label string) bool {
	return slices.ContainsFunc(vs.LabelMatchers, func(m *labels.Matcher) bool { return m.Name == label })
}

// filters returns the variables of a dashboard that filter a series.
func (b *builder) filters(board *Board, series string) []dashboards.Variable {
	var out []dashboards.Variable
	info := b.series[series]
	for _, v := range board.decl.Variables {
		if v.Kind == dashboards.LabelValues && v.Label != nil && info.labels[v.Label.Name] == v.Label {
			out = append(out, v)
		}
	}
	return out
}

// filterPanels lets a dashboard's variables select the series of every query that has their label.
func (b *builder) filterPanels() {
	for _, board := range b.plan.Boards {
		count := map[string]int{}
		window := b.windowVariable(board)
		for _, p := range board.Panels() {
			for i := range p.Targets {
				t := &p.Targets[i]
				if window != "" && p.decl.Window != dashboards.Zoom && query.HasOpenWindow(t.Expr.Tree) {
					count[window]++
					t.Source.Window, t.Expr.Window = "$"+window, "$"+window
				}
				same := t.Expr.Tree == t.Source.Tree
				t.Expr.Tree = b.filter(board, t.Expr.Tree, count)
				if same {
					t.Source.Tree = t.Expr.Tree
				} else {
					t.Source.Tree = b.filter(board, t.Source.Tree, nil)
				}
			}
		}
		for i := range board.Annotations {
			a := &board.Annotations[i].Expr
			a.Tree = b.filter(board, a.Tree, count)
		}
		b.variables(board, count)
	}
}

// windowVariable returns the variable whose durations are the window of a dashboard's panels, "" for none.
func (b *builder) windowVariable(board *Board) string {
	name := ""
	for _, v := range board.decl.Variables {
		if v.Kind != dashboards.Intervals {
			continue
		}
		b.require(name == "", v.Site, "variable/interval", v.Name,
			fmt.Sprintf("dashboard %s has two pickers of a window, %s and %s", board.UID, name, v.Name), "drop one of them")
		name = v.Name
	}
	return name
}

func (b *builder) filter(board *Board, e parser.Expr, count map[string]int) parser.Expr {
	return query.Map(e, func(n parser.Expr) parser.Expr {
		vs, ok := n.(*parser.VectorSelector)
		if !ok {
			return n
		}
		for _, v := range b.filters(board, vs.Name) {
			if count != nil {
				count[v.Name]++
			}
			op := labels.MatchRegexp
			if v.Single {
				op = labels.MatchEqual
			}
			vs.LabelMatchers = append(slices.Clone(vs.LabelMatchers), labels.MustNewMatcher(op, v.Label.Name, "$"+v.Name))
		}
		return vs
	})
}

// variables resolves the pickers of a dashboard: where the values are searched, and how many queries they
// filter. A picker that filters nothing is a fault.
func (b *builder) variables(board *Board, count map[string]int) {
	seen := map[string]diag.Site{}
	for _, v := range board.decl.Variables {
		b.once(seen, "variable/duplicate", v.Name, v.Site)
		out := Variable{
			Kind: v.Kind, Name: v.Name, Title: cmp.Or(v.Title, v.Name), Options: v.Options, Single: v.Single, Targets: count[v.Name],
		}
		for _, d := range v.Durations {
			out.Options = append(out.Options, query.Text(&parser.NumberLiteral{Val: d.Seconds(), Duration: true}, "", false))
		}
		switch v.Kind {
		case dashboards.LabelValues:
			out.Label = v.Label.Name
			out.From = b.valuesFrom(board, v)
			b.require(out.Targets > 0 && out.From != "", v.Site, "variable/unused", v.Name,
				fmt.Sprintf("variable %s of %s filters no query: none reads a metric with that label", v.Name, board.UID), "drop it")
		case dashboards.CustomList, dashboards.Intervals:
			b.require(len(out.Options) > 0, v.Site, "variable/options", v.Name, "variable "+v.Name+" offers nothing", "give it options")
			b.require(v.Kind == dashboards.CustomList || out.Targets > 0, v.Site, "variable/unused", v.Name,
				fmt.Sprintf("variable %s of %s is the window of no panel: each has a fixed one", v.Name, board.UID), "drop it")
		}
		board.Variables = append(board.Variables, out)
	}
}

// valuesFrom returns the series in which a variable's values are searched.
func (b *builder) valuesFrom(board *Board, v dashboards.Variable) string {
	if v.From != nil {
		return v.From.AllSeries()[len(v.From.AllSeries())-1].Name()
	}
	// The service's own metrics come first: every target that Prometheus has would offer its job.
	own, others := "", ""
	for _, p := range board.Panels() {
		for _, t := range p.Targets {
			query.Walk(t.Source.Tree, func(n parser.Expr) {
				vs, ok := n.(*parser.VectorSelector)
				if !ok || b.series[vs.Name].labels[v.Label.Name] != v.Label {
					return
				}
				if m := b.series[vs.Name].series.Metric; m != nil && m.Group.External {
					others = cmp.Or(others, vs.Name)
				} else {
					own = cmp.Or(own, vs.Name)
				}
			})
		}
	}
	return cmp.Or(own, others)
}
