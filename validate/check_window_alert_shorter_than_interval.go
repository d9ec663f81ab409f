package validate

import (
	"fmt"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/unit"
)

var windowAlertShorterThanInterval = &Check{
	ID: "window/alert-shorter-than-interval", Severity: diag.Warning, Title: "A window shorter than the time between two evaluations",
	Why:     "What happens after the window of one evaluation and before that of the next is never seen.",
	Source:  practices + "alerting/",
	Example: Example{RuleFile, "groups:\n  - name: g\n    interval: 5m\n    rules:\n      - {alert: A, expr: 'increase(app_errors_total[2m]) > 0', for: 0s}\n", "groups:\n  - name: g\n    interval: 1m\n    rules:\n      - {alert: A, expr: 'increase(app_errors_total[2m]) > 0', for: 0s}\n"},
	Rule: func(r *Rule, report Report) {
		q := r.query()
		every := r.Group.Interval
		if every == 0 {
			every = r.Set.Server.EvaluationInterval
		}
		if !r.IsAlert() || q == nil || every == 0 || r.Group.Grafana {
			return
		}
		eachWindow(q, func(w windowed) {
			if (w.fn == "increase" || w.fn == "changes" || w.fn == "resets") && w.matrix.Range > 0 && w.matrix.Range < every && w.matrix.RangeExpr == nil {
				report.because(q.Position(w.matrix), fmt.Sprintf("what happens between two windows of %s is not seen", unit.Duration(w.matrix.Range)), "the rule is evaluated every "+unit.Duration(every), "use a window of "+unit.Duration(every)+" or more")
			}
		})
	},
}
