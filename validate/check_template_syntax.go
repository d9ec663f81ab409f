package validate

import (
	"github.com/obsgen/obsgen/diag"
)

var templateSyntax = &Check{
	ID: "template/syntax", Severity: diag.Error, Title: "A template that does not parse",
	Why:     "Prometheus refuses the file, or sends the error in the place of the text.",
	Source:  "https://prometheus.io/docs/prometheus/latest/configuration/template_reference/",
	Example: Example{Alert, "alert: A\nexpr: up == 0\nfor: 5m\nannotations:\n  summary: '{{ $label.instance }} is down'", "alert: A\nexpr: up == 0\nfor: 5m\nannotations:\n  summary: '{{ $labels.instance }} is down'"},
	Rule: eachTemplate(func(r *Rule, t *template, report Report) {
		if t.fault != "" {
			report.at(t.text.At(), "the template does not parse: "+t.fault, "mend it")
		}
	}),
}
