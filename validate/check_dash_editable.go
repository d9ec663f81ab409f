package validate

import (
	"github.com/obsgen/obsgen/diag"
)

var dashEditable = &Check{
	ID: "dash/editable", Severity: diag.Info, Title: "A provisioned dashboard that can be edited",
	Why:       "What somebody changes in Grafana is gone at the next deployment.",
	Source:    grafana + "administration/provisioning/#dashboards",
	OnRequest: true,
	Example:   Example{WholeBoard, `{"title": "A", "uid": "a", "editable": true, "panels": [{"title": "P", "type": "stat", "targets": [{"expr": "up"}]}]}`, `{"title": "A", "uid": "a", "editable": false, "panels": [{"title": "P", "type": "stat", "targets": [{"expr": "up"}]}]}`},
	Dashboard: func(d *Dashboard, report Report) {
		if d.Editable {
			report.at(d.At().At(), "the dashboard can be edited in Grafana", "set editable to false")
		}
	},
}
