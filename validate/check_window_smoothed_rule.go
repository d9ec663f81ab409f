package validate

import (
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var windowSmoothedRule = &Check{
	ID: "window/smoothed-rule", Severity: diag.Warning, Title: "A smoothed window at the live edge",
	Why:     "smoothed interpolates with the sample after the window. A rule that is evaluated now has none yet, so that its last point is off until query_offset lets it look back.",
	Source:  promDocs + "basics/#extended-range-selectors",
	Example: Example{PromQL, `rate(app_requests_total[5m] smoothed)`, `rate(app_requests_total[5m])`},
	Query: func(q *Query, report Report) {
		if q.Rule == nil || q.Rule.Group.Offset > 0 {
			return
		}
		eachOf(q, func(vs *parser.VectorSelector) {
			if vs.Smoothed && vs.OriginalOffset <= 0 {
				report.at(q.Position(vs), "smoothed wants a sample after the window, which is not there yet", "give the group a query_offset")
			}
		})
	},
}
