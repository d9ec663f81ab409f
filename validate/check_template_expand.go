package validate

import (
	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/infer"
	"github.com/obsgen/obsgen/validate/expand"
)

var templateExpand = &Check{
	ID: "template/expand", Severity: diag.Error, Title: "A template that fails when the alert fires",
	Why:     "The template parses, so that Prometheus loads the file. When the alert fires its text is <error expanding template>, and who is notified reads that in the place of what happened.",
	Source:  "https://prometheus.io/docs/prometheus/latest/configuration/template_reference/#data-structures",
	Example: Example{Alert, "alert: A\nexpr: sum(app_queue_length) > 10\nfor: 5m\nannotations:\n  summary: '{{ if gt $value 100 }}Many{{ else }}Some{{ end }} requests wait'", "alert: A\nexpr: sum(app_queue_length) > 10\nfor: 5m\nannotations:\n  summary: '{{ if gt $value 100.0 }}Many{{ else }}Some{{ end }} requests wait'"},
	Rule: eachTemplate(func(r *Rule, t *template, report Report) {
		q := r.query()
		for _, f := range expand.Faults(t.trees, "text", q == nil || q.Root().Native != infer.Never) {
			from, to := t.span(f.Node)
			report.at(t.at(from, to), "the template fails when the alert fires: "+f.Message, f.Mend)
		}
	}),
}
