package validate

import (
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var sortNoEffect = &Check{
	ID: "sort/no-effect", Severity: diag.Info, Title: "An order that nothing keeps",
	Why:     "A rule and a graph over time have no order of series: sort() costs and does nothing.",
	Source:  promDocs + "functions/#sort",
	Example: Example{PromQL, `sort_desc(sum by (code) (rate(app_requests_total[5m])))`, `sum by (code) (rate(app_requests_total[5m]))`},
	Query: func(q *Query, report Report) {
		if q.Rule == nil && (q.Target == nil || q.Target.Instant || q.Panel == nil || q.Panel.Type.Value != "timeseries" && q.Panel.Type.Value != "graph") {
			return
		}
		eachOf(q, func(c *parser.Call) {
			if strings.HasPrefix(c.Func.Name, "sort") {
				report.at(q.Position(c), c.Func.Name+" orders nothing here", "drop it")
			}
		})
	},
}
