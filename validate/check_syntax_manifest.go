package validate

import "github.com/obsgen/obsgen/diag"

var syntaxManifest = &Check{
	ID: "syntax/manifest", Severity: diag.Error, Title: "A PrometheusRule that the API server refuses",
	Why:     "The schema of PrometheusRule wants strings where Prometheus takes any scalar: labels, annotations, durations. off, no and 300 without quotes are none. Nothing of the manifest is applied.",
	Source:  "https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PrometheusRule",
	Example: Example{RuleFile, "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata:\n  name: app\nspec:\n  groups:\n    - name: g\n      rules:\n        - alert: A\n          expr: up == 0\n          for: 5m\n          labels:\n            page: off\n", "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata:\n  name: app\nspec:\n  groups:\n    - name: g\n      rules:\n        - alert: A\n          expr: up == 0\n          for: 5m\n          labels:\n            page: \"off\"\n"},
}
