package validate

import (
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var rangeContradiction = &Check{
	ID: "range/contradiction", Severity: diag.Error, Title: "Conditions that exclude each other",
	Why:     "No value meets both conditions: the result is always empty.",
	Source:  promDocs + "operators/#logical-set-binary-operators",
	Example: Example{Alert, "alert: A\nexpr: app_queue_length == 1 and app_queue_length == 2\nfor: 5m", "alert: A\nexpr: app_queue_length == 1 or app_queue_length == 2\nfor: 5m"},
	Query: func(q *Query, report Report) {
		eachOf(q, func(b *parser.BinaryExpr) {
			if b.Op != parser.LAND && b.Op != parser.LUNLESS || b.VectorMatching != nil && (b.VectorMatching.On || len(b.VectorMatching.MatchingLabels) > 0) {
				return
			}
			c, okC := conditionOf(q, b.LHS)
			d, okD := conditionOf(q, b.RHS)
			if !okC || !okD || !same(c.value, d.value) || c.node.ReturnBool || d.node.ReturnBool {
				return
			}
			if b.Op == parser.LAND && c.excludes(d) || b.Op == parser.LUNLESS && c.implies(d) {
				report.at(q.Position(b), short(b)+" is always empty", "mend one of the conditions")
			}
		})
	},
}
