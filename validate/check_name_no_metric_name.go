package validate

import (
	"slices"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var nameNoMetricName = &Check{
	ID: "name/no-metric-name", Severity: diag.Warning, Title: "A selector without a metric",
	Why:     "A selector by labels alone reads every metric that has them: slow, and a sum of unlike things.",
	Source:  promDocs + "basics/#instant-vector-selectors",
	Example: Example{PromQL, `sum({job="app"})`, `sum(up{job="app"})`},
	Query: func(q *Query, report Report) {
		if q.Rule != nil && ofLoki(q.Rule.Group) {
			return
		}
		eachOf(q, func(vs *parser.VectorSelector) {
			if !byLabelsAlone(vs) || q.Touches(vs) {
				return
			}
			report.at(q.Position(vs), "the selector names no metric", "name one, or a set of them by __name__")
		})
	},
}

// byLabelsAlone reports whether a selector chooses metrics by their labels alone.
func byLabelsAlone(vs *parser.VectorSelector) bool {
	return vs.Name == "" && !slices.ContainsFunc(vs.LabelMatchers, func(m *labels.Matcher) bool { return m.Name == model.MetricNameLabel })
}

// ofLoki reports whether the rules of a group are for Loki's ruler, whose simplest expressions are PromQL too: each takes the rate or
// the count of a window of log lines, and log lines have labels alone.
func ofLoki(g *Group) bool {
	windows := 0
	for _, r := range g.Rules {
		q := r.query()
		if q == nil {
			continue
		}
		named := false
		eachOf(q, func(vs *parser.VectorSelector) { named = named || !byLabelsAlone(vs) })
		eachOf(q, func(c *parser.Call) {
			if len(c.Args) == 0 {
				return
			}
			if _, ok := c.Args[0].(*parser.MatrixSelector); ok && (c.Func.Name == "rate" || c.Func.Name == "count_over_time") {
				windows++
			}
		})
		if named || windows == 0 {
			return false
		}
	}
	return windows > 0
}
