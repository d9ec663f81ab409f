package validate

import (
	"fmt"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/infer"
)

var alertLimitBelowCard = &Check{
	ID: "alert/limit-below-card", Severity: diag.Warning, Title: "A limit below what the rule gives",
	Why:     "A group's limit does not cut off: a rule that gives more series fails as a whole, and with it all of its alerts are gone.",
	Source:  "https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/#limiting-alerts-and-series",
	Example: Example{RuleFile, "groups:\n  - name: g\n    limit: 2\n    rules:\n      - {alert: A, expr: 'sum by (method) (rate(app_errors_total[5m])) > 1', for: 5m}\n", "groups:\n  - name: g\n    limit: 10\n    rules:\n      - {alert: A, expr: 'sum by (method) (rate(app_errors_total[5m])) > 1', for: 5m}\n"},
	Rule: func(r *Rule, report Report) {
		q := r.query()
		if q == nil || r.Group.Limit <= 0 {
			return
		}
		t := q.Root()
		n := bounded(t)
		if n > r.Group.Limit {
			report.because(r.At().At(), fmt.Sprintf("the rule gives up to %d series, and the group's limit is %d", n, r.Group.Limit), "above the limit all of them are dropped", "raise the limit")
		}
	},
}

// bounded returns how many series of a target a result can have, 0 where that is not known.
func bounded(t infer.Type) int {
	n, ok := t.Labels.Bound()
	if !ok {
		return 0
	}
	return n
}
