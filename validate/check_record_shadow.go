package validate

import (
	"github.com/obsgen/obsgen/diag"
)

var recordShadow = &Check{
	ID: "record/shadow", Severity: diag.Error, Title: "A recorded series with the name of a metric",
	Why:     "Scraped and recorded samples land in one series name: sums over it count both.",
	Source:  practices + "rules/#naming",
	Example: Example{RuleFile, "groups:\n  - name: g\n    rules:\n      - record: app_queue_length\n        expr: sum(app_queue_length)\n", "groups:\n  - name: g\n    rules:\n      - record: job:app_queue_length:sum\n        expr: sum by (job) (app_queue_length)\n"},
	Rule: func(r *Rule, report Report) {
		if r.Set.Catalog == nil || r.Record.IsZero() {
			return
		}
		if _, ok := r.Set.names()[r.Record.Value]; ok {
			report.at(r.Record.At(), "a metric is called "+r.Record.Value+" as well", "give the recorded series a name with colons")
		}
	},
}
