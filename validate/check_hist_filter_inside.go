package validate

import (
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/infer"
)

var histFilterInside = &Check{
	ID: "hist/filter-inside", Severity: diag.Error, Title: "A filter on buckets",
	Why:     "A comparison inside of histogram_quantile removes single buckets, and the quantile of what is left is wrong. Filter the result.",
	Source:  practices + "histograms/",
	Example: Example{PromQL, `histogram_quantile(0.9, sum by (le) (rate(app_duration_seconds_bucket[5m])) > 0)`, `histogram_quantile(0.9, sum by (le) (rate(app_duration_seconds_bucket[5m]))) > 0`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(n *parser.Call) {
			if n.Func.Name != "histogram_quantile" || len(n.Args) < 2 {
				return
			}
			each(n.Args[1], func(b *parser.BinaryExpr) {
				if b.Op.IsComparisonOperator() && !b.ReturnBool && q.Table.Of(b.LHS).Native != infer.Must && aboutBuckets(q, b.LHS) {
					report.at(q.Position(b), "the comparison removes buckets from the histogram", "compare the quantile, outside of histogram_quantile")
				}
			})
		})
	},
}
