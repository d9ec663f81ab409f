package validate

import (
	"fmt"

	"github.com/obsgen/obsgen/diag"
)

var recordOrder = &Check{
	ID: "record/order", Severity: diag.Warning, Title: "A rule before the one it reads",
	Why:    "Rules of a group run in order. One that reads a series that a later one records sees the value of the evaluation before.",
	Source: "https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/#rule_group",
	Example: Example{RuleFile, "groups:\n  - name: g\n    rules:\n      - record: job:app_errors:ratio\n        expr: job:app_errors:rate5m / 100\n      - record: job:app_errors:rate5m\n        expr: sum by (job) (rate(app_errors_total[5m]))\n",
		"groups:\n  - name: g\n    rules:\n      - record: job:app_errors:rate5m\n        expr: sum by (job) (rate(app_errors_total[5m]))\n      - record: job:app_errors:ratio\n        expr: job:app_errors:rate5m / 100\n"},
	Group: func(g *Group, report Report) {
		at := map[string]int{}
		for i, r := range g.Rules {
			if _, ok := at[r.Record.Value]; !ok && !r.Record.IsZero() {
				at[r.Record.Value] = i
			}
		}
		for i, r := range g.Rules {
			q := r.query()
			if q == nil {
				continue
			}
			for _, name := range reads(q.Expr) {
				if j, ok := at[name]; ok && j > i {
					report(diag.Finding{At: r.At().At(), Subject: r.Name().Value, Message: fmt.Sprintf("%s reads %s, which a later rule of the group records", r.Name().Value, name), Mend: "put the other rule first",
						Related: []diag.Related{{At: g.Rules[j].Record.At(), Message: "recorded here"}}})
				}
			}
		}
	},
}
