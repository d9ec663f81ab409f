package validate

import (
	"slices"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/unit"
)

var unitTimepoint = &Check{
	ID: "unit/timepoint", Severity: diag.Error, Title: "A point in time taken for an amount",
	Why:     "A timestamp is a point: two of them have a difference, but no sum and no rate.",
	Source:  practices + "instrumentation/#timestamps-not-time-since",
	Example: Example{PromQL, `rate(app_start_timestamp_seconds[5m])`, `changes(app_start_timestamp_seconds[5m])`},
	Query: func(q *Query, report Report) {
		point := func(e parser.Expr) bool {
			u := q.Table.Of(e).Unit
			return u.IsPoint() && u.SameDimension(unit.Timestamp)
		}
		eachOf(q, func(c *parser.Call) {
			if slices.Contains([]string{"rate", "irate", "increase", "sum_over_time"}, c.Func.Name) && point(c.Args[0]) {
				report.at(q.Position(c), c.Func.Name+"() of a point in time", "take changes(), or time() minus it")
			}
		})
		eachOf(q, func(a *parser.AggregateExpr) {
			if a.Op == parser.SUM && point(a.Expr) {
				report.at(q.Position(a), "a sum of points in time", "take max() or min()")
			}
		})
		eachOf(q, func(b *parser.BinaryExpr) {
			if b.Op == parser.ADD && point(b.LHS) && point(b.RHS) {
				report.at(q.Position(b), "a sum of two points in time", "subtract them, or add a duration")
			}
		})
	},
}
