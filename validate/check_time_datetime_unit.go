package validate

import (
	"fmt"
	"strings"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/unit"
)

var timeDatetimeUnit = &Check{
	ID: "time/datetime-unit", Severity: diag.Error, Title: "Seconds shown as a date",
	Why:     "Grafana's dates count milliseconds since 1970. Seconds are shown as a day in January 1970.",
	Source:  grafana + "panels-visualizations/configure-standard-options/#unit",
	Example: Example{PanelOf, `{"title": "A", "type": "stat", "fieldConfig": {"defaults": {"unit": "dateTimeAsIso"}}, "targets": [{"expr": "app_start_timestamp_seconds"}]}`, `{"title": "A", "type": "stat", "fieldConfig": {"defaults": {"unit": "dateTimeAsIso"}}, "targets": [{"expr": "app_start_timestamp_seconds * 1000"}]}`},
	Panel: func(p *Panel, report Report) {
		if !strings.HasPrefix(p.Unit.Value, "dateTime") || p.Overrides || p.Transformed {
			return
		}
		for _, q := range p.Queries {
			if u := q.Root().Unit; q.Table != nil && u.IsPoint() && u.SameDimension(unit.Timestamp) && u.Scale() == 1 {
				report.because(p.Unit.At(), fmt.Sprintf("panel %q shows seconds as %s, which counts milliseconds", p.Label(), p.Unit.Value), "by "+short(q.Expr), "multiply the query by 1000")
				return
			}
		}
	},
}
