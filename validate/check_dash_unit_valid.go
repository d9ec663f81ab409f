package validate

import (
	"fmt"

	"github.com/obsgen/obsgen/diag"
)

var dashUnitValid = &Check{
	ID: "dash/unit-valid", Severity: diag.Warning, Title: "A unit that Grafana does not have",
	Why:     "Grafana shows the bare number and the unknown unit's name behind it.",
	Source:  grafana + "panels-visualizations/configure-standard-options/#unit",
	Example: Example{PanelOf, `{"title": "A", "type": "stat", "fieldConfig": {"defaults": {"unit": "seconds"}}, "targets": [{"expr": "app_uptime_seconds"}]}`, `{"title": "A", "type": "stat", "fieldConfig": {"defaults": {"unit": "s"}}, "targets": [{"expr": "app_uptime_seconds"}]}`},
	Panel: func(p *Panel, report Report) {
		if id := p.Unit.Value; id != "" && !knownUnit(id) {
			report.at(p.Unit.At(), fmt.Sprintf("panel %q: Grafana has no unit %s", p.Label(), id), "use one of its ids, or suffix:"+id)
		}
	},
}
