package validate

import "github.com/obsgen/obsgen/diag"

var syntaxVariable = &Check{
	ID: "syntax/variable", Severity: diag.Info, Title: "An expression that does not parse with its variables",
	Why:    "A variable can hold an operator, a function or a part of an expression, so whether Grafana shows an error depends on the value that is chosen.",
	Source: grafana + "dashboards/variables/",
	Example: Example{WholeBoard, `{"title": "A", "uid": "a", "panels": [{"title": "P $job", "type": "stat", "targets": [{"expr": "sum(up) $job == =1"}]}], "templating": {"list": [{"name": "job", "type": "custom", "query": "a"}]}}`,
		`{"title": "A", "uid": "a", "panels": [{"title": "P $job", "type": "stat", "targets": [{"expr": "sum(up) $job == 1"}]}], "templating": {"list": [{"name": "job", "type": "custom", "query": "a"}]}}`},
}
