package validate

import (
	"slices"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var recordSelf = &Check{
	ID: "record/self", Severity: diag.Warning, Title: "A rule that reads its own result",
	Why:     "Each evaluation builds on the last one: a missed evaluation or a restart changes the result for ever.",
	Source:  "https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/",
	Example: Example{RuleFile, "groups:\n  - name: g\n    rules:\n      - record: all:ticks:sum\n        expr: all:ticks:sum + 1\n", "groups:\n  - name: g\n    rules:\n      - record: all:up:sum\n        expr: sum(up) or all:up:sum\n"},
	Rule: func(r *Rule, report Report) {
		q := r.query()
		if q == nil || r.Record.IsZero() {
			return
		}
		kept := map[parser.Expr]bool{} // x or own keeps the last value: meant
		eachOf(q, func(b *parser.BinaryExpr) {
			if b.Op == parser.LOR {
				each(b.RHS, func(vs *parser.VectorSelector) { kept[vs] = true })
			}
		})
		eachOf(q, func(vs *parser.VectorSelector) {
			if vs.Name == r.Record.Value && !kept[vs] && !r.excludedBy(vs) {
				report.at(q.Position(vs), "the rule reads what it records", "compute it from its sources")
			}
		})
	},
}

// excludedBy reports whether a selector passes none of the series that the rule records, by labels that the rule sets.
func (r *Rule) excludedBy(vs *parser.VectorSelector) bool {
	return slices.ContainsFunc(vs.LabelMatchers, func(m *labels.Matcher) bool {
		values, closed := r.series.Values(m.Name).Set()
		return closed && len(values) > 0 && m.Name != model.MetricNameLabel && !variable(m.Value) && !slices.ContainsFunc(values, m.Matches)
	})
}
