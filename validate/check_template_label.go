package validate

import (
	"fmt"
	"strings"

	"github.com/obsgen/obsgen/diag"
)

var templateLabel = &Check{
	ID: "template/label", Severity: diag.Error, Title: "A label that the alert does not have",
	Why:     "The text prints nothing in its place: the expression drops the label before the alert sees it.",
	Source:  "https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/#templating",
	Example: Example{Alert, "alert: A\nexpr: sum by (job) (up) == 0\nfor: 5m\nannotations:\n  summary: '{{ $labels.instance }} is down'", "alert: A\nexpr: sum by (job) (up) == 0\nfor: 5m\nannotations:\n  summary: '{{ $labels.job }} is down'"},
	Rule: eachTemplate(func(r *Rule, t *template, report Report) {
		q := r.query()
		if q == nil {
			return
		}
		root := q.Root()
		for _, u := range t.labels {
			if root.Labels.Has(u.name) || u.name == "" {
				continue
			}
			has := "it has no labels"
			if names := visible(root); len(names) > 0 {
				has = "it has " + strings.Join(names, ", ")
			}
			if _, own := r.Label(u.name); own {
				report(diag.Finding{ID: "alert/self-label", At: t.at(u.from, u.to), Message: fmt.Sprintf("$labels.%s is empty: $labels has the labels of the expression's result, not those that the rule adds", u.name), Why: has, Mend: "write the value, or keep the label in the expression"})
				continue
			}
			report.because(t.at(u.from, u.to), fmt.Sprintf("the result of the expression has no label %s", u.name), has, "keep the label in the expression, or leave it out of the text")
		}
	}),
}
