package validate

import (
	"fmt"

	"github.com/obsgen/obsgen/diag"
)

var rangePanelAxis = &Check{
	ID: "range/panel-axis", Severity: diag.Warning, Title: "An axis that the values do not fit",
	Why:     "A ratio on an axis to 100 lies flat at the bottom; a percentage on an axis to 1 is cut off at the top.",
	Source:  grafana + "panels-visualizations/configure-standard-options/#max",
	Example: Example{PanelOf, `{"title": "A", "type": "gauge", "fieldConfig": {"defaults": {"min": 0, "max": 100}}, "targets": [{"expr": "app_fill_ratio"}]}`, `{"title": "A", "type": "gauge", "fieldConfig": {"defaults": {"min": 0, "max": 1}}, "targets": [{"expr": "app_fill_ratio"}]}`},
	Panel: func(p *Panel, report Report) {
		if p.Max == nil || p.Overrides {
			return
		}
		for _, q := range p.Queries {
			t := q.Root()
			if q.Table == nil || !t.Unit.IsShare() || !t.Range.IsBounded() {
				return
			}
			if t.Range.Hi == 1 && p.Max.Value == 100 {
				report.at(p.Max.At.At(), fmt.Sprintf("panel %q shows a ratio on an axis to 100", p.Label()), "let the axis end at 1, with the unit percentunit")
				return
			}
			if t.Range.Hi == 100 && p.Max.Value == 1 {
				report.at(p.Max.At.At(), fmt.Sprintf("panel %q shows a percentage on an axis to 1", p.Label()), "let the axis end at 100")
				return
			}
		}
	},
}
