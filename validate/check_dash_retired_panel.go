package validate

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/obsgen/obsgen/diag"
)

var dashRetiredPanel = &Check{
	ID: "dash/retired-panel", Severity: diag.Info, Title: "Panels of a kind that Grafana has retired",
	Why:     "Grafana 12 no longer has the kinds graph, singlestat and table-old. It shows the kind that replaces each when it loads the dashboard, and some of their options are lost.",
	Source:  grafana + "developers/angular_deprecation/",
	Example: Example{PanelOf, `{"title": "A", "type": "graph", "targets": [{"expr": "up"}]}`, `{"title": "A", "type": "timeseries", "targets": [{"expr": "up"}]}`},
	Dashboard: func(d *Dashboard, report Report) {
		instead := map[string]string{"graph": "timeseries", "singlestat": "stat", "table-old": "table"}
		found := map[string]string{}
		var first *Panel
		n := 0
		for _, p := range d.Panels {
			if kind := p.Type.Value; instead[kind] != "" {
				found[kind] = instead[kind]
				if n++; first == nil {
					first = p
				}
			}
		}
		if first == nil {
			return
		}
		kinds := slices.Sorted(maps.Keys(found))
		var uses []string
		for _, k := range kinds {
			uses = append(uses, found[k]+" for "+k)
		}
		report.at(first.Type.At(), fmt.Sprintf("%d of %d panels are of a kind that Grafana has retired: %s", n, len(d.Panels), strings.Join(kinds, ", ")), "open the dashboard in Grafana and save it, or use "+strings.Join(uses, ", "))
	},
}
