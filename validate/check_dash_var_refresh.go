package validate

import (
	"github.com/obsgen/obsgen/diag"
)

var dashVarRefresh = &Check{
	ID: "dash/var-refresh", Severity: diag.Info, Title: "A variable that is never read again",
	Why:    "Its values are those of the day when somebody saved the dashboard: a new instance is not among them.",
	Source: grafana + "dashboards/variables/add-template-variables/#add-a-query-variable",
	Example: Example{WholeBoard, `{"title": "A", "uid": "a", "panels": [{"title": "P $job", "type": "stat", "targets": [{"expr": "up"}]}], "templating": {"list": [{"name": "job", "type": "query", "query": "label_values(up, job)", "refresh": 0}]}}`,
		`{"title": "A", "uid": "a", "panels": [{"title": "P $job", "type": "stat", "targets": [{"expr": "up"}]}], "templating": {"list": [{"name": "job", "type": "query", "query": "label_values(up, job)", "refresh": 2}]}}`},
	Dashboard: func(d *Dashboard, report Report) {
		for _, v := range d.Variables {
			if v.Type.Value == "query" && v.Refresh == 0 && !v.RefreshAt.IsZero() {
				report(diag.Finding{At: v.RefreshAt.At(), Subject: v.Name.Value, Message: "the values of " + v.Name.Value + " are never read again", Mend: "set refresh to 2, on a change of the time range",
					Edits: []diag.Edit{{At: v.RefreshAt.At(), New: "2"}}})
			}
		}
	},
}
