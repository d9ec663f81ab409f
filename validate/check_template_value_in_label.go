package validate

import (
	"github.com/obsgen/obsgen/diag"
)

var templateValueInLabel = &Check{
	ID: "template/value-in-label", Severity: diag.Error, Title: "A value in a label",
	Why:     "Labels are the alert's identity. With the value in one every change of it is a new alert, which waits again and is sent again.",
	Source:  "https://www.robustperception.io/dont-put-the-value-in-alert-labels/",
	Example: Example{Alert, "alert: A\nexpr: app_queue_length > 10\nfor: 5m\nlabels:\n  depth: '{{ $value }}'", "alert: A\nexpr: app_queue_length > 10\nfor: 5m\nannotations:\n  depth: '{{ $value }}'"},
	Rule: func(r *Rule, report Report) {
		if !r.IsAlert() || r.Group.Grafana {
			return
		}
		for _, l := range r.Labels {
			t := parseTemplate(l.Value)
			if len(t.values) > 0 {
				report.at(l.Value.At(), "the label "+l.Key.Value+" changes with the value, and the alert's identity with it", "put the value into an annotation")
			}
		}
	},
}
