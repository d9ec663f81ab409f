package validate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/source"
)

var panelStates = &Check{
	ID: "panel/states", Severity: diag.Warning, Title: "States without a text",
	Why:    "The panel names some of the metric's states and shows the others as bare numbers, or under a name that means something else.",
	Source: grafana + "panels-visualizations/configure-value-mappings/",
	Example: Example{PanelOf, `{"title": "Mode", "type": "stat", "fieldConfig": {"defaults": {"mappings": [{"type": "value", "options": {"0": {"text": "off"}, "1": {"text": "on"}}}]}}, "targets": [{"expr": "app_mode"}]}`,
		`{"title": "Mode", "type": "stat", "fieldConfig": {"defaults": {"mappings": [{"type": "value", "options": {"0": {"text": "healthy"}, "1": {"text": "degraded"}, "2": {"text": "chaos"}}}]}}, "targets": [{"expr": "app_mode"}]}`},
	Panel: func(p *Panel, report Report) {
		if len(p.Mappings) == 0 || p.Overrides {
			return
		}
		for _, q := range p.Queries {
			t := q.Root()
			if t.Metric == nil || !t.Unit.IsState() || len(t.Metric.States) == 0 {
				continue
			}
			var missing []string
			for _, s := range t.Metric.States {
				if !slices.ContainsFunc(p.Mappings, func(n source.Number) bool { return n.Value == s.Value }) {
					missing = append(missing, fmt.Sprintf("%v (%s)", s.Value, s.Name))
				}
			}
			if len(missing) > 0 {
				report.because(p.Mappings[0].At.At(), fmt.Sprintf("panel %q has no text for %s", p.Label(), strings.Join(missing, ", ")), "they are states of "+t.Metric.Name, "map every state")
			}
		}
	},
}
