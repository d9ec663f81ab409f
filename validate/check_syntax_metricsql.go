package validate

import "github.com/obsgen/obsgen/diag"

var syntaxMetricsql = &Check{
	ID: "syntax/metricsql", Severity: diag.Info, Title: "An expression that only VictoriaMetrics takes",
	Why:    "Prometheus refuses it. VictoriaMetrics takes more than PromQL, such as a rate without a window, and other panels use its functions.",
	Source: "https://docs.victoriametrics.com/victoriametrics/metricsql/",
	Example: Example{WholeBoard, `{"title": "A", "uid": "a", "panels": [{"title": "P", "type": "stat", "targets": [{"expr": "sum(rate(app_requests_total))"}]}, {"title": "Q", "type": "stat", "targets": [{"expr": "range_last(up)"}]}]}`,
		`{"title": "A", "uid": "a", "panels": [{"title": "P", "type": "stat", "targets": [{"expr": "sum(rate(app_requests_total[5m]))"}]}, {"title": "Q", "type": "stat", "targets": [{"expr": "range_last(up)"}]}]}`},
}
