package validate

import "github.com/obsgen/obsgen/diag"

var syntaxRule = &Check{
	ID: "syntax/rule", Severity: diag.Error, Title: "A rule with wrong fields",
	Why:     "Prometheus refuses the whole file, with every rule in it: for an unknown field, for a value of the wrong type, for a rule that lacks what it needs or mixes what excludes each other.",
	Source:  "https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/#rule",
	Example: Example{RuleFile, "groups:\n  - name: g\n    rules:\n      - alert: A\n        exprs: up == 0\n", "groups:\n  - name: g\n    rules:\n      - alert: A\n        expr: up == 0\n        for: 5m\n"},
}
