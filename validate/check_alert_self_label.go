package validate

import (
	"github.com/obsgen/obsgen/diag"
)

var alertSelfLabel = &Check{
	ID: "alert/self-label", Severity: diag.Error, Title: "A label of the rule in its own text",
	Why:     "$labels holds the labels of the query's result. Labels that the rule adds, severity among them, are not there yet.",
	Source:  "https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/#templating",
	Example: Example{Alert, "alert: A\nexpr: sum by (job) (up) == 0\nfor: 5m\nlabels:\n  severity: page\nannotations:\n  summary: '{{ $labels.severity }}'", "alert: A\nexpr: sum by (job) (up) == 0\nfor: 5m\nlabels:\n  severity: page\nannotations:\n  summary: '{{ $labels.job }}'"},
}
