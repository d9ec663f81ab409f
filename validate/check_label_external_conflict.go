package validate

import (
	"slices"

	"github.com/obsgen/obsgen/diag"
)

var labelExternalConflict = &Check{
	ID: "label/external-conflict", Severity: diag.Warning, Title: "A label that Prometheus sets itself",
	Why:     "The server adds its external labels to every alert and to every series that it sends on. A rule that sets the same label hides which server it came from.",
	Source:  "https://prometheus.io/docs/prometheus/latest/configuration/configuration/",
	Example: Example{Alert, "alert: A\nexpr: up == 0\nfor: 5m\nlabels:\n  cluster: eu", "alert: A\nexpr: up == 0\nfor: 5m\nlabels:\n  zone: eu"},
	Rule: func(r *Rule, report Report) {
		for _, l := range r.Labels {
			if slices.Contains(r.Set.Server.ExternalLabels, l.Key.Value) {
				report.at(l.Key.At(), l.Key.Value+" is an external label of the server", "use another name")
			}
		}
	},
}
