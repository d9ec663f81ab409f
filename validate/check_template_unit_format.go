package validate

import (
	"github.com/obsgen/obsgen/diag"
)

var templateUnitFormat = &Check{
	ID: "template/unit-format", Severity: diag.Error, Title: "A value printed in another unit",
	Why:     "humanizePercentage multiplies by 100: 7 percent reads 700%. humanizeDuration takes seconds. Whoever is woken reads the wrong number.",
	Source:  "https://prometheus.io/docs/prometheus/latest/configuration/template_reference/#numbers",
	Example: Example{Alert, "alert: A\nexpr: app_cpu_percent > 80\nfor: 5m\nannotations:\n  summary: 'CPU at {{ $value | humanizePercentage }}'", "alert: A\nexpr: app_cpu_percent > 80\nfor: 5m\nannotations:\n  summary: 'CPU at {{ $value | humanize }}%'"},
	Rule: eachTemplate(func(r *Rule, t *template, report Report) {
		q := r.query()
		if q == nil {
			return
		}
		u := valueUnit(q)
		for _, v := range t.values {
			if why, mend := misprinted(u, v); why != "" {
				report.because(t.at(v.from, v.to), why, "the value is in "+u.String(), mend)
			}
		}
	}),
}
