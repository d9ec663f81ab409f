package validate

import (
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var typeIrateInRule = &Check{
	ID: "type/irate-in-rule", Severity: diag.Info, Title: "irate in a rule",
	Why:     "irate looks at the last two samples of the window only: between two evaluations it misses most of what happened, and an alert on it flaps.",
	Source:  promDocs + "functions/#irate",
	Example: Example{Alert, "alert: A\nexpr: irate(app_requests_total[5m]) > 10\nfor: 5m", "alert: A\nexpr: rate(app_requests_total[5m]) > 10\nfor: 5m"},
	Query: func(q *Query, report Report) {
		if q.Rule == nil {
			return
		}
		eachOf(q, func(c *parser.Call) {
			if c.Func.Name == "irate" {
				report.at(q.Position(c), "irate sees two samples of the window only", "use rate")
			}
		})
	},
}
