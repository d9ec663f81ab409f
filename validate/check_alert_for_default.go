package validate

import (
	"github.com/obsgen/obsgen/diag"
)

var alertForDefault = &Check{
	ID: "alert/for-default", Severity: diag.Info, Title: "A wait that says nothing",
	Why:       "for: 0s is what an alert without for does.",
	Source:    "https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/",
	OnRequest: true,
	Example:   Example{Alert, "alert: A\nexpr: up == 0\nfor: 0s", "alert: A\nexpr: up == 0\nfor: 5m"},
	Rule: func(r *Rule, report Report) {
		if r.IsAlert() && r.HasFor && r.For == 0 && !r.ForAt.IsZero() {
			report.at(r.ForAt.At(), "the alert would not wait without it either", "drop it, or write how long to wait")
		}
	},
}
