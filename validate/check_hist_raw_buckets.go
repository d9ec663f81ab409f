package validate

import (
	"slices"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var histRawBuckets = &Check{
	ID: "hist/raw-buckets", Severity: diag.Warning, Title: "A quantile over all time",
	Why:     "Raw buckets count since the process started, so that the quantile hardly moves any more after a day. Take the rate of the buckets.",
	Source:  practices + "histograms/#quantiles",
	Example: Example{PromQL, `histogram_quantile(0.9, sum by (le) (app_duration_seconds_bucket))`, `histogram_quantile(0.9, sum by (le) (rate(app_duration_seconds_bucket[5m])))`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(n *parser.Call) {
			if n.Func.Name != "histogram_quantile" || len(n.Args) < 2 || q.Touches(n.Args[1]) && q.hasFunctionVariable() {
				return
			}
			rated := false
			each(n.Args[1], func(c *parser.Call) {
				rated = rated || slices.Contains([]string{"rate", "irate", "increase", "delta", "idelta", "xrate"}, c.Func.Name)
			})
			raw := false
			each(n.Args[1], func(vs *parser.VectorSelector) {
				raw = raw || strings.HasSuffix(vs.Name, "_bucket") && !strings.Contains(vs.Name, ":")
			})
			if raw && !rated {
				report.at(q.Position(n), "the quantile is one of everything since the process started", "take the rate of the buckets first")
			}
		})
	},
}
