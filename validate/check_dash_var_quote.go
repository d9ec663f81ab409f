package validate

import (
	"fmt"
	"slices"

	"github.com/obsgen/obsgen/diag"
)

var dashVarQuote = &Check{
	ID: "dash/var-quote", Severity: diag.Error, Title: "A format of a variable that does not fit where it stands",
	Why:    "In a regular expression several values have to be joined by |. The formats csv and json join them by commas, which match as text.",
	Source: grafana + "dashboards/variables/variable-syntax/#advanced-variable-format-options",
	Example: Example{WholeBoard, `{"title": "A", "uid": "a", "panels": [{"title": "P", "type": "stat", "targets": [{"expr": "up{job=~\"${job:csv}\"}"}]}], "templating": {"list": [{"name": "job", "type": "query", "query": "label_values(up, job)", "multi": true, "refresh": 2}]}}`,
		`{"title": "A", "uid": "a", "panels": [{"title": "P", "type": "stat", "targets": [{"expr": "up{job=~\"${job:regex}\"}"}]}], "templating": {"list": [{"name": "job", "type": "query", "query": "label_values(up, job)", "multi": true, "refresh": 2}]}}`},
	Query: func(q *Query, report Report) {
		for _, v := range q.Variables {
			if v.Quoted && slices.Contains([]string{"csv", "json", "doublequote", "singlequote", "html", "sqlstring", "distributed"}, v.Format) {
				report.at(q.VariablePosition(v), fmt.Sprintf("the format %s joins values by commas, not by |", v.Format), "use ${"+v.Name+":regex}, or no format")
			}
		}
	},
}
