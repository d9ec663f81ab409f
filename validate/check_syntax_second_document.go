package validate

import "github.com/obsgen/obsgen/diag"

var syntaxSecondDocument = &Check{
	ID: "syntax/second-document", Severity: diag.Warning, Title: "A document that Prometheus does not load",
	Why:     "Prometheus reads the first YAML document of a rule file and passes over the others: their rules are not evaluated, and only its log says so.",
	Source:  "https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/",
	Example: Example{RuleFile, "groups:\n  - name: g\n    rules:\n      - record: job:up:sum\n        expr: sum by (job) (up)\n---\ngroups:\n  - name: h\n    rules:\n      - record: job:up:count\n        expr: count by (job) (up)\n", "groups:\n  - name: g\n    rules:\n      - record: job:up:sum\n        expr: sum by (job) (up)\n"},
}
