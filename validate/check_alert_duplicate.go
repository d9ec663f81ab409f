package validate

import (
	"fmt"

	"github.com/obsgen/obsgen/diag"
)

var alertDuplicate = &Check{
	ID: "alert/duplicate", Severity: diag.Warning, Title: "An alert that is written twice",
	Why:     "Two rules with one name, the same labels and the same expression send everything twice.",
	Source:  "https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/",
	Example: Example{RuleFile, "groups:\n  - name: g\n    rules:\n      - {alert: A, expr: up == 0, for: 5m}\n      - {alert: A, expr: up == 0, for: 5m}\n", "groups:\n  - name: g\n    rules:\n      - {alert: A, expr: up == 0, for: 5m}\n      - {alert: B, expr: up == 1, for: 5m}\n"},
	Set: func(s *Set, report Report) {
		for _, rs := range s.alerts {
			seen := map[string]*Rule{}
			for _, r := range rs {
				q := r.query()
				if q == nil {
					continue
				}
				key := r.Name().File().Path + "\x00" + q.Expr.String() + "\x00" + fmt.Sprint(r.For)
				for _, l := range r.Labels {
					key += "\x00" + l.Key.Value + "=" + l.Value.Value
				}
				if first, ok := seen[key]; ok {
					report(diag.Finding{At: r.At().At(), Subject: r.Alert.Value, Message: "the alert " + r.Alert.Value + " is written twice, with the same expression and labels", Mend: "delete one of them",
						Related: []diag.Related{{At: first.At().At(), Message: "the other one"}}})
					continue
				}
				seen[key] = r
			}
		}
	},
}
