package validate

import (
	"fmt"

	"github.com/obsgen/obsgen/diag"
)

var dashUid = &Check{
	ID: "dash/uid", Severity: diag.Info, Title: "A dashboard without a uid",
	Why:     "Grafana gives it another uid at every import: links to it break, and provisioning makes a second copy.",
	Source:  grafana + "dashboards/build-dashboards/view-dashboard-json-model/",
	Example: Example{WholeBoard, `{"title": "A", "panels": [{"title": "P", "type": "stat", "targets": [{"expr": "up"}]}]}`, `{"title": "A", "uid": "a", "panels": [{"title": "P", "type": "stat", "targets": [{"expr": "up"}]}]}`},
	Dashboard: func(d *Dashboard, report Report) {
		if d.UID.Value == "" {
			report.at(d.At().At(), fmt.Sprintf("dashboard %q has no uid", d.Title.Value), "give it one, of at most 40 letters, digits, - and _")
		}
	},
}
