package validate

import (
	"slices"
	"strings"

	"github.com/obsgen/obsgen/diag"
)

var alertLabelCollapse = &Check{
	ID: "alert/label-collapse", Severity: diag.Warning, Title: "A rule's label that makes alerts the same",
	Why:     "The rule sets a label in which its series differ. Two alerts then have the same labels, and the evaluation of the rule fails.",
	Source:  "https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/",
	Example: Example{Alert, "alert: A\nexpr: rate(app_requests_total[5m]) > 5\nfor: 5m\nlabels:\n  method: any", "alert: A\nexpr: sum by (code) (rate(app_requests_total[5m])) > 5\nfor: 5m\nlabels:\n  method: any"},
	Rule: func(r *Rule, report Report) {
		collapse(r, r.IsAlert(), report)
	},
}

// collapse reports labels of a rule that replace one in which the series of its result surely differ.
func collapse(r *Rule, want bool, report Report) {
	q := r.query()
	if q == nil || !want {
		return
	}
	t := q.Root()
	for _, l := range r.Labels {
		name := l.Key.Value
		if t.Labels.Closed() && t.Labels.Certain(name) && slices.Contains(ownLabels(t), name) && !strings.Contains(l.Value.Value, "$labels."+name) {
			report.at(l.Key.At(), "the series differ in "+name+", which the rule sets to "+l.Value.Value+" for all of them", "aggregate the label away first")
		}
	}
}
