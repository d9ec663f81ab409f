package validate

import (
	"github.com/obsgen/obsgen/diag"
)

var alertNoCondition = &Check{
	ID: "alert/no-condition", Severity: diag.Warning, Title: "An alert without a condition",
	Why:     "An alert fires for every series that its expression returns. Without a comparison it fires whenever the metric is there, whatever its value.",
	Source:  "https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/",
	Example: Example{Alert, "alert: A\nexpr: app_queue_length\nfor: 5m", "alert: A\nexpr: app_queue_length > 100\nfor: 5m"},
	Rule: func(r *Rule, report Report) {
		q := r.query()
		if !r.IsAlert() || q == nil || r.Group.Grafana || filters(q, q.Expr) {
			return
		}
		if _, ok := number(q.Expr); ok || constant(q.Expr) {
			report(diag.Finding{ID: "alert/always", At: q.Position(q.Expr), Message: short(q.Expr) + " is always there: the alert fires all the time", Mend: "excuse it, if it is meant as a dead man's switch"})
			return
		}
		report.at(q.Position(q.Expr), "the alert has no condition: it fires while there is any series", "compare the value with something")
	},
}
