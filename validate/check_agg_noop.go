package validate

import (
	"fmt"
	"slices"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var aggNoop = &Check{
	ID: "agg/noop", Severity: diag.Info, Title: "An aggregation of one series each",
	Why:     "Each group holds one series at most: the aggregation changes nothing.",
	Source:  promDocs + "operators/#aggregation-operators",
	Example: Example{PromQL, `max(max(app_queue_length))`, `max(app_queue_length)`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(a *parser.AggregateExpr) {
			inner, ok := aggregation(a.Expr, parser.SUM, parser.MAX, parser.MIN, parser.AVG)
			if !ok || a.Op != parser.SUM && a.Op != parser.MAX && a.Op != parser.MIN && a.Op != parser.AVG || a.Without || inner.Without || q.Touches(a) {
				return
			}
			for _, l := range inner.Grouping {
				if !slices.Contains(a.Grouping, l) {
					return
				}
			}
			report.at(q.Position(a), fmt.Sprintf("%s() of %s has one series in each group", a.Op, short(inner)), "drop the outer aggregation")
		})
	},
}
