package validate

import (
	"github.com/obsgen/obsgen/diag"
)

var syntaxJson = &Check{
	ID: "syntax/json", Severity: diag.Error, Title: "JSON that does not parse",
	Why:     "Grafana does not load the dashboard.",
	Source:  grafana + "dashboards/build-dashboards/view-dashboard-json-model/",
	Example: Example{WholeBoard, `{"title": "A", "uid": "a", "panels": [],}`, `{"title": "A", "uid": "a", "panels": []}`},
}
