package validate

import (
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var histInfDropped = &Check{
	ID: "hist/inf-dropped", Severity: diag.Error, Title: "A histogram without its last bucket",
	Why:     "Without the bucket +Inf, which counts everything, histogram_quantile gives NaN.",
	Source:  promDocs + "functions/#histogram_quantile",
	Example: Example{PromQL, `histogram_quantile(0.9, sum by (le) (rate(app_duration_seconds_bucket{le!="+Inf"}[5m])))`, `histogram_quantile(0.9, sum by (le) (rate(app_duration_seconds_bucket[5m])))`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(n *parser.Call) {
			if n.Func.Name != "histogram_quantile" {
				return
			}
			each(n, func(vs *parser.VectorSelector) {
				for _, m := range vs.LabelMatchers {
					if m.Name == labels.BucketLabel && !variable(m.Value) && !m.Matches("+Inf") {
						report.at(q.Position(vs), "the matcher on le drops the bucket +Inf", "drop the matcher")
					}
				}
			})
		})
	},
}
