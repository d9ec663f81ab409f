package validate

import (
	"fmt"

	"github.com/obsgen/obsgen/diag"
)

var dashTitle = &Check{
	ID: "dash/title", Severity: diag.Info, Title: "A panel without a title or a description",
	Why:       "Who opens the dashboard during an incident did not build it.",
	Source:    grafana + "dashboards/build-dashboards/best-practices/",
	OnRequest: true,
	Example:   Example{PanelOf, `{"title": "P", "type": "stat", "targets": [{"expr": "up"}]}`, `{"title": "P", "description": "Whether it is up.", "type": "stat", "targets": [{"expr": "up"}]}`},
	Panel: func(p *Panel, report Report) {
		if p.Library || p.Type.Value == "text" {
			return
		}
		if p.Title.Value == "" {
			report.at(p.At().At(), p.Label()+" has no title", "give it one")
		}
		if p.Description.Value == "" {
			report.at(p.At().At(), fmt.Sprintf("panel %q has no description", p.Label()), "say what it shows and what is normal")
		}
	},
}
