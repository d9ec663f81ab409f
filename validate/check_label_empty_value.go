package validate

import (
	"strings"

	"github.com/obsgen/obsgen/diag"
)

var labelEmptyValue = &Check{
	ID: "label/empty-value", Severity: diag.Warning, Title: "A label without a value",
	Why:     "To Prometheus a label without a value is no label: the rule removes it.",
	Source:  "https://prometheus.io/docs/concepts/data_model/#metric-names-and-labels",
	Example: Example{Alert, "alert: A\nexpr: up == 0\nfor: 5m\nlabels:\n  team: \"\"", "alert: A\nexpr: up == 0\nfor: 5m\nlabels:\n  team: core"},
	Rule: func(r *Rule, report Report) {
		for _, l := range r.Labels {
			if !l.Key.IsZero() && strings.TrimSpace(l.Value.Value) == "" {
				report.at(l.Key.At(), "the label "+l.Key.Value+" has no value", "give it one, or drop it")
			}
		}
	},
}
