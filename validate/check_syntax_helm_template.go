package validate

import (
	"github.com/obsgen/obsgen/diag"
)

var syntaxHelmTemplate = &Check{
	ID: "syntax/helm-template", Severity: diag.Error, Title: "A placeholder of Prometheus that Helm takes for its own",
	Why:     "In a chart's template Helm reads {{ $labels.x }} as its own and stops: undefined variable. Prometheus's placeholders have to be written so that Helm prints them.",
	Source:  "https://helm.sh/docs/chart_template_guide/function_list/",
	Example: Example{RuleFile, "groups:\n  - name: {{ .Values.name }}\n    rules:\n      - alert: A\n        expr: up == 0\n        annotations:\n          summary: 'down: {{ $labels.instance }}'\n", "groups:\n  - name: {{ .Values.name }}\n    rules:\n      - alert: A\n        expr: up == 0\n        annotations:\n          summary: 'down: {{`{{ $labels.instance }}`}}'\n"},
}
