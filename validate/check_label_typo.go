package validate

import (
	"slices"
	"strings"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/source"
)

var labelTypo = &Check{
	ID: "label/typo", Severity: diag.Warning, Title: "A label that looks misspelt",
	Why:     "Alerts are routed and silenced by their labels. One letter off, and the alert goes to nobody.",
	Source:  practices + "alerting/",
	Example: Example{Alert, "alert: A\nexpr: up == 0\nfor: 5m\nlabels:\n  severty: critical", "alert: A\nexpr: up == 0\nfor: 5m\nlabels:\n  severity: critical"},
	Rule: func(r *Rule, report Report) {
		known := []string{"severity", "team", "service", "component", "cluster", "namespace", "environment", "priority", "category"}
		check := func(ps []source.Pair, known []string, what string) {
			for _, p := range ps {
				n := p.Key.Value
				if len(n) < 6 || slices.Contains(known, n) || slices.Contains(known, strings.TrimSuffix(n, "s")) {
					continue
				}
				for _, k := range known {
					if len(k) >= 6 && diag.Distance(n, k) == 1 && !strings.HasSuffix(n, "s") {
						report.at(p.Key.At(), "the "+what+" "+n+" looks misspelt", "did you mean "+k+"?")
					}
				}
			}
		}
		check(r.Labels, known, "label")
		check(r.Annotations, []string{"summary", "description", "runbook_url", "dashboard", "message"}, "annotation")
	},
}
