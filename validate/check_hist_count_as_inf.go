package validate

import (
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var histCountAsInf = &Check{
	ID: "hist/count-as-inf", Severity: diag.Info, Title: "The last bucket in place of the count",
	Why:     "The bucket +Inf holds every observation, and so does the series _count, which says so.",
	Source:  practices + "histograms/",
	Example: Example{PromQL, `sum(rate(app_duration_seconds_bucket{le="+Inf"}[5m]))`, `sum(rate(app_duration_seconds_count[5m]))`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(vs *parser.VectorSelector) {
			if stem, ok := strings.CutSuffix(vs.Name, "_bucket"); ok && bound(vs) == "+Inf" && !q.Touches(vs) {
				report.at(q.Within(vs, "+Inf"), "the bucket +Inf is the count of all observations", "read "+stem+"_count")
			}
		})
	},
}
