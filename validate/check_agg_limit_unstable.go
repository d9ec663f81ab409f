package validate

import (
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var aggLimitUnstable = &Check{
	ID: "agg/limit-unstable", Severity: diag.Warning, Title: "A rule over a sample of series",
	Why:     "limitk and limit_ratio take series by a hash of their labels: a rule sees some of them, and not those that matter.",
	Source:  promDocs + "operators/#limitk",
	Example: Example{Alert, "alert: A\nexpr: limitk(5, app_queue_length) > 10\nfor: 5m", "alert: A\nexpr: app_queue_length > 10\nfor: 5m"},
	Query: func(q *Query, report Report) {
		if q.Rule == nil {
			return
		}
		eachOf(q, func(a *parser.AggregateExpr) {
			if a.Op == parser.LIMITK || a.Op == parser.LIMIT_RATIO {
				report.at(q.Position(a), a.Op.String()+" takes series by chance", "look at all of them")
			}
		})
	},
}
