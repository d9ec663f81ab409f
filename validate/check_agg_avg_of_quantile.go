package validate

import (
	"fmt"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/infer"
)

var aggAvgOfQuantile = &Check{
	ID: "agg/avg-of-quantile", Severity: diag.Warning, Title: "An average of quantiles",
	Why:     "The average, sum or quantile of quantiles is a quantile of nothing: a busy instance and an idle one count the same. Aggregate the buckets, then take the quantile.",
	Source:  practices + "histograms/#quantiles",
	Example: Example{PromQL, `avg(histogram_quantile(0.9, rate(app_duration_seconds_bucket[5m])))`, `histogram_quantile(0.9, sum by (le) (rate(app_duration_seconds_bucket[5m])))`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(a *parser.AggregateExpr) {
			if (a.Op == parser.AVG || a.Op == parser.SUM || a.Op == parser.QUANTILE) && q.Table.Of(a.Expr).Kind == infer.Quantile {
				report.at(q.Position(a), fmt.Sprintf("%s() of quantiles is no quantile", a.Op), "sum the buckets by le, then take the quantile; max() is an upper bound")
			}
		})
	},
}
