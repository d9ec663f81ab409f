package validate

import (
	"fmt"

	"github.com/obsgen/obsgen/diag"
)

var unitPanelThreshold = &Check{
	ID: "unit/panel-threshold", Severity: diag.Error, Title: "Thresholds in another scale than the values",
	Why:    "On a panel of a ratio, which runs from 0 to 1, a threshold of 80 is never reached: the colour never changes.",
	Source: grafana + "panels-visualizations/configure-thresholds/",
	Example: Example{PanelOf, `{"title": "A", "type": "stat", "fieldConfig": {"defaults": {"unit": "percentunit", "thresholds": {"mode": "absolute", "steps": [{"color": "green", "value": null}, {"color": "red", "value": 80}]}}}, "targets": [{"expr": "app_fill_ratio"}]}`,
		`{"title": "A", "type": "stat", "fieldConfig": {"defaults": {"unit": "percentunit", "thresholds": {"mode": "absolute", "steps": [{"color": "green", "value": null}, {"color": "red", "value": 0.8}]}}}, "targets": [{"expr": "app_fill_ratio"}]}`},
	Panel: func(p *Panel, report Report) {
		if p.Percentage || p.Overrides || len(p.Queries) == 0 || len(p.Thresholds) == 0 {
			return
		}
		for _, q := range p.Queries {
			t := q.Root()
			if q.Table == nil || !t.Unit.IsShare() || t.Unit.Scale() != 1 || !t.Range.IsBounded() || t.Range.Hi > 1 {
				return
			}
		}
		for _, n := range p.Thresholds {
			if n.Value > 1 && n.Value != 80 && n.Value != 100 || n.Value > 1 && len(p.Thresholds) > 0 && p.Unit.Value == "percentunit" {
				report.at(n.At.At(), fmt.Sprintf("panel %q: a ratio never reaches %v", p.Label(), n.Value), fmt.Sprintf("write %v", n.Value/100))
				return
			}
		}
	},
}
