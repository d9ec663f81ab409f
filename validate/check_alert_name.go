package validate

import (
	"github.com/obsgen/obsgen/diag"
)

var alertName = &Check{
	ID: "alert/name", Severity: diag.Warning, Title: "A rule's name that the project does not allow",
	Why:     "Names of one form are easy to find, to route and to silence.",
	Source:  practices + "alerting/#naming",
	Example: Example{Alert, "alert: service_down\nexpr: up == 0\nfor: 5m", "alert: ServiceDown\nexpr: up == 0\nfor: 5m"},
	Rule: func(r *Rule, report Report) {
		want := r.Set.Policy.RecordName
		if r.IsAlert() {
			want = r.Set.Policy.AlertName
		}
		if name := r.Name(); want != nil && !name.IsZero() && !want.MatchString(name.Value) {
			report.because(name.At(), "the name "+name.Value+" has another form than the project wants", "it wants "+want.String(), "rename it")
		}
	},
}
