package validate

import (
	"fmt"
	"slices"

	"github.com/obsgen/obsgen/diag"
)

var dashNoTarget = &Check{
	ID: "dash/no-target", Severity: diag.Warning, Title: "A panel without a query",
	Why:     "The panel shows nothing.",
	Source:  grafana + "panels-visualizations/",
	Example: Example{PanelOf, `{"title": "A", "type": "timeseries", "targets": []}`, `{"title": "A", "type": "timeseries", "targets": [{"expr": "up"}]}`},
	Panel: func(p *Panel, report Report) {
		if p.AllTargets == 0 && !p.Library && slices.Contains([]string{"timeseries", "graph", "stat", "singlestat", "gauge", "bargauge", "piechart", "heatmap", "histogram", "state-timeline"}, p.Type.Value) {
			report.at(p.At().At(), fmt.Sprintf("panel %q has no query", p.Label()), "give it one, or delete it")
		}
	},
}
