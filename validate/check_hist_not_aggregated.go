package validate

import (
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var histNotAggregated = &Check{
	ID: "hist/not-aggregated", Severity: diag.Warning, Title: "A quantile for each series",
	Why:    "Without an aggregation there is one quantile for each combination of labels. None of them is that of the service, and an alert on them fires for each.",
	Source: practices + "histograms/#quantiles",
	Example: Example{RuleFile, "groups:\n  - name: g\n    rules:\n      - record: app:duration_seconds:p99\n        expr: histogram_quantile(0.99, rate(app_duration_seconds_bucket[5m]))\n",
		"groups:\n  - name: g\n    rules:\n      - record: app:duration_seconds:p99\n        expr: histogram_quantile(0.99, sum by (le) (rate(app_duration_seconds_bucket[5m])))\n"},
	Query: func(q *Query, report Report) {
		if q.Rule == nil {
			return
		}
		eachOf(q, func(c *parser.Call) {
			if c.Func.Name != "histogram_quantile" || len(c.Args) < 2 {
				return
			}
			if _, bare := unparen(c.Args[1]).(*parser.Call); !bare {
				return
			}
			if own := ownLabels(q.Table.Of(c)); len(own) > 0 {
				report.because(q.Position(c), "there is one quantile for each combination of "+strings.Join(own, ", "), "nothing sums the buckets", "sum them by le and the labels that matter")
			}
		})
	},
}
