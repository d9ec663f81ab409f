package validate

import (
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var aggQuantileLeBy = &Check{
	ID: "agg/quantile-le-by", Severity: diag.Warning, Title: "A quantile across series, grouped by bucket",
	Why:     "quantile() compares series with each other. Of buckets it gives a quantile of counts; the quantile of what was observed is histogram_quantile().",
	Source:  practices + "histograms/#quantiles",
	Example: Example{PromQL, `quantile by (le) (0.9, rate(app_duration_seconds_bucket[5m]))`, `histogram_quantile(0.9, sum by (le) (rate(app_duration_seconds_bucket[5m])))`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(a *parser.AggregateExpr) {
			if a.Op == parser.QUANTILE && aboutBuckets(q, a.Expr) {
				report.at(q.Position(a), "quantile() of buckets is a quantile of counts, not of what was observed", "use histogram_quantile(φ, sum by (le) (rate(…)))")
			}
		})
	},
}
