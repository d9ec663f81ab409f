package validate

import (
	"fmt"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/unit"
)

var alertForRounding = &Check{
	ID: "alert/for-rounding", Severity: diag.Info, Title: "A wait that is not a number of evaluations",
	Why:     "An alert is looked at when its group is evaluated and at no other time: a wait of 90 seconds in a group of one minute lasts two.",
	Source:  "https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/",
	Example: Example{RuleFile, "groups:\n  - name: g\n    interval: 1m\n    rules:\n      - {alert: A, expr: up == 0, for: 90s}\n", "groups:\n  - name: g\n    interval: 1m\n    rules:\n      - {alert: A, expr: up == 0, for: 2m}\n"},
	Rule: func(r *Rule, report Report) {
		every := r.Group.Interval
		if every == 0 {
			every = r.Set.Server.EvaluationInterval
		}
		if !r.IsAlert() || r.For == 0 || every == 0 || r.Group.Grafana || r.For%every == 0 {
			return
		}
		report.because(r.ForAt.At(), fmt.Sprintf("a wait of %s lasts %s", unit.Duration(r.For), unit.Duration((r.For/every+1)*every)), "the group is evaluated every "+unit.Duration(every), "use a multiple of that")
	},
}
