package validate

import (
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var aggCountOfFilter = &Check{
	ID: "agg/count-of-filter", Severity: diag.Error, Title: "A count that cannot be zero",
	Why:     "count() of nothing is nothing, not 0: a comparison for few or none is empty just when it should hold.",
	Source:  promDocs + "operators/#aggregation-operators",
	Example: Example{Alert, "alert: A\nexpr: count(app_queue_length > 5) < 1\nfor: 5m", "alert: A\nexpr: (count(app_queue_length > 5) or vector(0)) < 1\nfor: 5m"},
	Query: func(q *Query, report Report) {
		eachOf(q, func(b *parser.BinaryExpr) {
			if countsNone(b) {
				counted := short(b.LHS)
				report.at(q.Position(b), counted+" is never below 1: of nothing it is nothing", "write ("+counted+" or vector(0)) "+b.Op.String()+" …")
			}
		})
	},
}

// countsNone reports whether a comparison asks of a count whether it is below 1.
func countsNone(b *parser.BinaryExpr) bool {
	a, ok := unparen(b.LHS).(*parser.AggregateExpr)
	x, isNumber := number(b.RHS)
	return ok && isNumber && a.Op == parser.COUNT && (b.Op == parser.LSS && x <= 1 && x > 0 || b.Op == parser.LTE && x < 1 && x >= 0)
}
