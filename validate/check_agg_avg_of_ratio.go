package validate

import (
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/infer"
)

var aggAvgOfRatio = &Check{
	ID: "agg/avg-of-ratio", Severity: diag.Info, Title: "An average of shares",
	Why:     "Each share counts the same, whether it is one of ten requests or of ten thousand. The share of the whole is the sum of the parts divided by the sum of the wholes.",
	Source:  practices + "rules/#aggregation",
	Example: Example{PromQL, `avg(rate(app_errors_total[5m]) / on (method, job, instance) sum by (method, job, instance) (rate(app_requests_total[5m])))`, `sum(rate(app_errors_total[5m])) / sum(rate(app_requests_total[5m]))`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(a *parser.AggregateExpr) {
			if a.Op != parser.AVG {
				return
			}
			if b, ok := quotient(a.Expr); ok && q.Table.Of(b.LHS).Kind == infer.Rate && q.Table.Of(b.RHS).Kind == infer.Rate {
				report.at(q.Position(a), "the average counts a busy series and an idle one the same", "divide the sum of the parts by the sum of the wholes")
			}
		})
	},
}
