package validate

import (
	"math"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var rangeNanCompare = &Check{
	ID: "range/nan-compare", Severity: diag.Error, Title: "A comparison with NaN",
	Why:     "Nothing equals NaN, not even NaN. x != x tells whether x is NaN.",
	Source:  promDocs + "operators/#comparison-binary-operators",
	Example: Example{PromQL, `app_queue_length == NaN`, `app_queue_length != app_queue_length`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(b *parser.BinaryExpr) {
			if !b.Op.IsComparisonOperator() {
				return
			}
			for _, side := range []parser.Expr{b.LHS, b.RHS} {
				if x, ok := number(side); ok && math.IsNaN(x) {
					report.at(q.Position(b), short(b)+" compares with NaN, which nothing equals", "write x != x, which is true of NaN alone")
				}
			}
		})
	},
}
