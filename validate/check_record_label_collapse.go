package validate

import (
	"github.com/obsgen/obsgen/diag"
)

var recordLabelCollapse = &Check{
	ID: "record/label-collapse", Severity: diag.Warning, Title: "A rule's label that makes recorded series the same",
	Why:     "The rule sets a label in which its series differ. Two of them then have the same labels, and the evaluation of the rule fails.",
	Source:  "https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/",
	Example: Example{RuleFile, "groups:\n  - name: g\n    rules:\n      - record: job_method:app_requests:rate5m\n        expr: sum by (job, method) (rate(app_requests_total[5m]))\n        labels: {method: any}\n", "groups:\n  - name: g\n    rules:\n      - record: job:app_requests:rate5m\n        expr: sum by (job) (rate(app_requests_total[5m]))\n        labels: {method: any}\n"},
	Rule: func(r *Rule, report Report) {
		collapse(r, !r.Record.IsZero(), report)
	},
}
