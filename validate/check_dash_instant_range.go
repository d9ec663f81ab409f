package validate

import (
	"fmt"

	"github.com/obsgen/obsgen/diag"
)

var dashInstantRange = &Check{
	ID: "dash/instant-range", Severity: diag.Info, Title: "A whole history for one number",
	Why:     "The panel shows the newest value, and asks for all points of the time range: a hundred times the work.",
	Source:  grafana + "datasources/prometheus/query-editor/#type",
	Example: Example{PanelOf, `{"title": "P", "type": "table", "targets": [{"expr": "up", "format": "table"}]}`, `{"title": "P", "type": "table", "targets": [{"expr": "up", "format": "table", "instant": true}]}`},
	Panel: func(p *Panel, report Report) {
		if p.Transformed || p.Type.Value != "table" {
			return
		}
		for _, q := range p.Queries {
			if q.Table != nil && !q.Target.Instant && q.Target.Format.Value == "table" {
				report.at(q.Position(q.Expr), fmt.Sprintf("the table %q asks for every point of the time range", p.Label()), `set "instant": true`)
			}
		}
	},
}
