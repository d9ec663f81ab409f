package validate

import (
	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/infer"
)

var alertHistValue = &Check{
	ID: "alert/hist-value", Severity: diag.Error, Title: "A histogram printed as a number",
	Why:     "The result is a native histogram: $value is a text with all its buckets, and printf and the humanize functions fail on it.",
	Source:  "https://prometheus.io/docs/prometheus/latest/configuration/template_reference/",
	Example: Example{Alert, "alert: A\nexpr: rate(app_size_bytes[5m])\nfor: 5m\nannotations:\n  summary: '{{ $value | humanize }}'", "alert: A\nexpr: histogram_avg(rate(app_size_bytes[5m])) > 5\nfor: 5m\nannotations:\n  summary: '{{ $value | humanize1024 }}'"},
	Rule: eachTemplate(func(r *Rule, t *template, report Report) {
		q := r.query()
		if q == nil || q.Root().Native != infer.Must {
			return
		}
		for _, u := range t.values {
			if u.function != "" {
				report.at(t.at(u.from, u.to), u.function+" of a native histogram fails", "take histogram_avg() or histogram_quantile() in the expression")
			}
		}
	}),
}
