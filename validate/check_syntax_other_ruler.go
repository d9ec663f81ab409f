package validate

import "github.com/obsgen/obsgen/diag"

var syntaxOtherRuler = &Check{
	ID: "syntax/other-ruler", Severity: diag.Info, Title: "A field that only another ruler reads",
	Why:     "Mimir, Loki, Thanos and vmalert have fields of their own in rule files. Prometheus refuses a file with one of them.",
	Source:  "https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/#rule_group",
	Example: Example{RuleFile, "namespace: app\ngroups:\n  - name: g\n    rules:\n      - record: job:up:sum\n        expr: sum by (job) (up)\n", "groups:\n  - name: g\n    rules:\n      - record: job:up:sum\n        expr: sum by (job) (up)\n"},
}
