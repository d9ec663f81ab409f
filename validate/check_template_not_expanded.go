package validate

import (
	"regexp"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/source"
)

var templateNotExpanded = &Check{
	ID: "template/not-expanded", Severity: diag.Warning, Title: "A template where Prometheus expands none",
	Why:     "Prometheus expands the labels and annotations of alerts. The name of an alert, and the labels of a recording rule, stay as they are written: braces and all.",
	Source:  "https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/#templating",
	Example: Example{Alert, "alert: \"{{ $labels.job }} is down\"\nexpr: up == 0\nfor: 5m", "alert: JobDown\nexpr: up == 0\nfor: 5m\nannotations:\n  summary: '{{ $labels.job }} is down'"},
	Rule: func(r *Rule, report Report) {
		if r.Group.Grafana {
			return
		}
		literal := func(t source.Text, what, mend string) {
			if m := ofRules.FindStringIndex(t.Value); m != nil {
				report.at(t.Position(m[0], m[1]), what+" is not expanded: it stays "+t.Value, mend)
			}
		}
		if r.IsAlert() {
			literal(r.Alert, "the name of an alert", "give it a fixed name, and put the rest into an annotation")
			return
		}
		for _, l := range r.Labels {
			literal(l.Value, "the label "+l.Key.Value+" of a recording rule", "keep the label in the expression, or set it by label_replace()")
		}
	},
}

// ofRules is a template that reads what templates of rules have.
var ofRules = regexp.MustCompile(`\{\{[^{}]*(?:\$labels|\$value|\$externalLabels|\.Labels|\.Value\b|\.ExternalLabels)[^{}]*\}\}`)
