package validate

import (
	"fmt"

	"github.com/obsgen/obsgen/diag"
)

var alertSeverityOrder = &Check{
	ID: "alert/severity-order", Severity: diag.Warning, Title: "A milder alert that the graver one does not include",
	Why:     "Of two alerts on one value the graver one must be the harder to reach. The other way round the warning comes after the emergency, or never.",
	Source:  practices + "alerting/",
	Example: Example{RuleFile, "groups:\n  - name: g\n    rules:\n      - {alert: A, expr: app_fill_ratio > 0.9, for: 5m, labels: {severity: warning}}\n      - {alert: B, expr: app_fill_ratio > 0.8, for: 5m, labels: {severity: critical}}\n", "groups:\n  - name: g\n    rules:\n      - {alert: A, expr: app_fill_ratio > 0.8, for: 5m, labels: {severity: warning}}\n      - {alert: B, expr: app_fill_ratio > 0.9, for: 5m, labels: {severity: critical}}\n"},
	Set: func(s *Set, report Report) {
		type entry struct {
			r        *Rule
			q        *Query
			c        condition
			severity string
		}
		byValue := map[string][]entry{}
		for _, g := range s.Groups {
			for _, r := range g.Rules {
				q := r.query()
				if q == nil || !r.IsAlert() {
					continue
				}
				severity, _ := r.Label("severity")
				if c, ok := conditionOf(q, q.Expr); ok && (c.up() || c.down()) && gravity[severity.Value] > 0 {
					key := fmt.Sprint(g.File.Path, c.up(), unparen(c.value).String())
					byValue[key] = append(byValue[key], entry{r, q, c, severity.Value})
				}
			}
		}
		for _, es := range byValue {
			for _, grave := range es {
				for _, mild := range es {
					if gravity[grave.severity] <= gravity[mild.severity] || grave.c.implies(mild.c) {
						continue
					}
					report(diag.Finding{At: grave.q.Position(grave.c.node), Subject: grave.r.Alert.Value,
						Message: fmt.Sprintf("the %s alert is reached before the %s alert %s", grave.severity, mild.severity, mild.r.Alert.Value), Mend: "exchange the thresholds",
						Related: []diag.Related{{At: mild.q.Position(mild.c.node), Message: "the milder one"}}})
				}
			}
		}
	},
}

// gravity are severities, by what people call them.
var gravity = map[string]int{"info": 1, "none": 0, "notice": 1, "warning": 2, "warn": 2, "minor": 2, "major": 3, "error": 3, "high": 3, "page": 4, "critical": 4, "disaster": 5, "emergency": 5}
