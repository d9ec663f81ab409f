package validate

import (
	"fmt"

	"github.com/obsgen/obsgen/diag"
)

var dashPanelRef = &Check{
	ID: "dash/panel-ref", Severity: diag.Error, Title: "A panel that shows the result of one that is not there",
	Why:    "The panel reads the results of another panel of the dashboard, which does not exist: it stays empty.",
	Source: grafana + "panels-visualizations/query-transform-data/share-query/",
	Example: Example{WholeBoard, `{"title": "A", "uid": "a", "panels": [{"id": 1, "title": "P", "type": "stat", "targets": [{"expr": "up"}]}, {"id": 2, "title": "Q", "type": "table", "datasource": {"uid": "-- Dashboard --"}, "targets": [{"panelId": 7}]}]}`,
		`{"title": "A", "uid": "a", "panels": [{"id": 1, "title": "P", "type": "stat", "targets": [{"expr": "up"}]}, {"id": 2, "title": "Q", "type": "table", "datasource": {"uid": "-- Dashboard --"}, "targets": [{"panelId": 1}]}]}`},
	Dashboard: func(d *Dashboard, report Report) {
		ids := map[int]bool{}
		for _, p := range d.Panels {
			ids[p.ID] = true
		}
		for _, p := range d.Panels {
			for _, n := range p.ReadsPanels {
				if !ids[int(n.Value)] {
					report(diag.Finding{At: n.At.At(), Subject: p.Label(), Message: fmt.Sprintf("the dashboard has no panel %v", n.Value), Mend: "name the id of a panel that it has"})
				}
			}
		}
	},
}
