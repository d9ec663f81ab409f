package validate

import (
	"github.com/obsgen/obsgen/diag"
)

var syntaxRule = &Check{
	ID: "syntax/rule", Severity: diag.Error, Title: "A rule with wrong fields",
	Why:     "Prometheus refuses files with unknown fields, and rules that lack what they need or mix what excludes each other.",
	Source:  "https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/#rule",
	Example: Example{RuleFile, "groups:\n  - name: g\n    rules:\n      - alert: A\n        exprs: up == 0\n", "groups:\n  - name: g\n    rules:\n      - alert: A\n        expr: up == 0\n        for: 5m\n"},
	Rule: func(r *Rule, report Report) {
		for _, f := range r.Faults {
			report(diag.Finding{ID: f.ID, At: f.At.At(), Message: f.Message, Mend: f.Mend})
		}
	},
}
