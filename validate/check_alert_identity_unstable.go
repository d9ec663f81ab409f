package validate

import (
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var alertIdentityUnstable = &Check{
	ID: "alert/identity-unstable", Severity: diag.Info, Title: "An alert that starts anew with every restart",
	Why:     "An alert is told apart by its labels. Where one of them changes at every restart or deployment the wait starts anew each time, and a service that crashes in a loop never alerts.",
	Source:  practices + "alerting/",
	Example: Example{Alert, "alert: A\nexpr: count_values(\"version\", app_queue_length) > 1\nfor: 5m", "alert: A\nexpr: app_queue_length > 1\nfor: 5m"},
	Rule: func(r *Rule, report Report) {
		q := r.query()
		if !r.IsAlert() || q == nil || r.For == 0 {
			return
		}
		eachOf(q, func(a *parser.AggregateExpr) {
			if a.Op == parser.COUNT_VALUES {
				if s, ok := unparen(a.Param).(*parser.StringLiteral); ok && q.Root().Labels.Has(s.Val) {
					report.at(q.Position(a), "the label "+s.Val+" changes with the value, and each change starts another alert", "compare without it")
				}
			}
		})
	},
}
