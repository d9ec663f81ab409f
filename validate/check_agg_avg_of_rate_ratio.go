package validate

import (
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/infer"
)

var aggAvgOfRateRatio = &Check{
	ID: "agg/avg-of-rate-ratio", Severity: diag.Info, Title: "A share that is averaged over time",
	Why:     "Every moment counts the same, the quiet night as much as the busy day. The share over a day is the increase of the part over that day divided by the increase of the whole.",
	Source:  workbook,
	Example: Example{PromQL, `avg_over_time((sum(rate(app_errors_total[5m])) / sum(rate(app_requests_total[5m])))[1d:5m])`, `sum(increase(app_errors_total[1d])) / sum(increase(app_requests_total[1d]))`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(c *parser.Call) {
			if c.Func.Name != "avg_over_time" {
				return
			}
			s, ok := unparen(c.Args[0]).(*parser.SubqueryExpr)
			if !ok {
				return
			}
			if b, ok := quotient(s.Expr); ok && q.Table.Of(b.LHS).Kind == infer.Rate && q.Table.Of(b.RHS).Kind == infer.Rate {
				report.at(q.Position(c), "the average over time counts a busy hour and an idle one the same", "divide the increase of the part by that of the whole")
			}
		})
	},
}
