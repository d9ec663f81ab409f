package validate

import (
	"fmt"

	"github.com/obsgen/obsgen/diag"
)

var dashRetiredPanel = &Check{
	ID: "dash/retired-panel", Severity: diag.Warning, Title: "A panel of a kind that Grafana has retired",
	Why:     "Grafana 12 no longer has the kinds graph, singlestat and table-old: it migrates them when it can, and shows an error when it cannot.",
	Source:  grafana + "developers/angular_deprecation/",
	Example: Example{PanelOf, `{"title": "A", "type": "graph", "targets": [{"expr": "up"}]}`, `{"title": "A", "type": "timeseries", "targets": [{"expr": "up"}]}`},
	Panel: func(p *Panel, report Report) {
		if instead := map[string]string{"graph": "timeseries", "singlestat": "stat", "table-old": "table"}[p.Type.Value]; instead != "" {
			report.at(p.Type.At(), fmt.Sprintf("panel %q is of the kind %s, which Grafana has retired", p.Label(), p.Type.Value), "use "+instead)
		}
	},
}
