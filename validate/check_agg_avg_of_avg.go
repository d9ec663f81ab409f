package validate

import (
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var aggAvgOfAvg = &Check{
	ID: "agg/avg-of-avg", Severity: diag.Info, Title: "An average of averages",
	Why:     "The average of averages is not the average of what they are of, unless all groups are of one size.",
	Source:  practices + "rules/#aggregation",
	Example: Example{PromQL, `avg(avg by (method) (rate(app_requests_total[5m])))`, `avg(rate(app_requests_total[5m]))`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(a *parser.AggregateExpr) {
			if inner, ok := aggregation(a.Expr, parser.AVG); ok && a.Op == parser.AVG {
				report.at(q.Position(a), short(inner)+" is averaged once more", "average once, or divide the sum by the count")
			}
		})
	},
}
