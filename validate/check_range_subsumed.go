package validate

import (
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var rangeSubsumed = &Check{
	ID: "range/subsumed", Severity: diag.Info, Title: "A condition that another one includes",
	Why:     "What meets the one condition meets the other as well, which then says nothing.",
	Source:  promDocs + "operators/#logical-set-binary-operators",
	Example: Example{Alert, "alert: A\nexpr: app_queue_length > 5 and app_queue_length > 3\nfor: 5m", "alert: A\nexpr: app_queue_length > 5\nfor: 5m"},
	Query: func(q *Query, report Report) {
		eachOf(q, func(b *parser.BinaryExpr) {
			if b.Op != parser.LAND && b.Op != parser.LOR || b.VectorMatching != nil && b.VectorMatching.On {
				return
			}
			c, okC := conditionOf(q, b.LHS)
			d, okD := conditionOf(q, b.RHS)
			if okC && okD && same(c.value, d.value) && !c.node.ReturnBool && !d.node.ReturnBool && (c.implies(d) || d.implies(c)) {
				report.at(q.Position(b), "one of the conditions includes the other", "drop the one that says nothing")
			}
		})
	},
}
