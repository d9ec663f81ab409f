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

// scopeRules lets aggregations of rules keep the group's target labels, so that what several jobs expose
// stays apart, and confines the metrics of others to the profile's job: every target has an up.
func (b *builder) scopeRules() {
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

// filterLabels returns the labels by which a dashboard's variables filter a series.
func (b *builder) filterLabels(board *Board, series string) []string {
	var out []string
	info := b.series[series]
	for _, v := range board.decl.Variables {
		if v.Kind == dashboards.LabelValues && v.Label != nil && info.labels[v.Label.Name] == v.Label {
			out = append(out, v.Label.Name)
		}
	}
	return out
}

// filterPanels lets a dashboard's variables select the series of every query that has their label.
func (b *builder) filterPanels() {
	for _, board := range b.plan.Boards {
		count := map[string]int{}
		for _, p := range board.Panels() {
			for i := range p.Targets {
				t := &p.Targets[i]
				t.Source.Tree = b.filter(board, t.Source.Tree, nil)
				t.Expr.Tree = b.filter(board, t.Expr.Tree, count)
			}
		}
		for i := range board.Annotations {
			a := &board.Annotations[i].Expr
			a.Tree = b.filter(board, a.Tree, count)
		}
		b.variables(board, count)
	}
}

func (b *builder) filter(board *Board, e parser.Expr, count map[string]int) parser.Expr {
	return query.Map(e, func(n parser.Expr) parser.Expr {
		vs, ok := n.(*parser.VectorSelector)
		if !ok {
			return n
		}
		for _, l := range b.filterLabels(board, vs.Name) {
			if count != nil {
				count[l]++
			}
			vs.LabelMatchers = append(slices.Clone(vs.LabelMatchers), labels.MustNewMatcher(labels.MatchRegexp, l, "$"+l))
		}
		return vs
	})
}

// variables resolves the pickers of a dashboard: where the values are searched, and how many queries they
// filter. A picker that filters nothing is a fault.
func (b *builder) variables(board *Board, count map[string]int) {
	seen := map[string]diag.Site{}
	for _, v := range board.decl.Variables {
		b.once(seen, "variable", v.Name, v.Site)
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
		}
		board.Variables = append(board.Variables, out)
	}
}

// valuesFrom returns the series in which a variable's values are searched.
func (b *builder) valuesFrom(board *Board, v dashboards.Variable) string {
	if v.From != nil {
		return v.From.AllSeries()[len(v.From.AllSeries())-1].Name()
	}
	for _, p := range board.Panels() {
		for _, t := range p.Targets {
			name := ""
			query.Walk(t.Source.Tree, func(n parser.Expr) {
				vs, ok := n.(*parser.VectorSelector)
				if ok && name == "" && b.series[vs.Name].labels[v.Label.Name] == v.Label {
					name = vs.Name
				}
			})
			if name != "" {
				return name
			}
		}
	}
	return ""
}
