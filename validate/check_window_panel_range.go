package validate

import (
	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/source"
)

var windowPanelRange = &Check{
	ID: "window/panel-range", Severity: diag.Info, Title: "A window that does not fit the kind of query",
	Why:     "In a graph every point of $__range looks back over all that is shown, which is slow and smooths everything away; a single number has no step, and $__rate_interval shows the last minutes only.",
	Source:  grafana + "datasources/prometheus/template-variables/",
	Example: Example{PanelOf, `{"title": "A", "type": "timeseries", "targets": [{"expr": "rate(app_requests_total[$__range])"}]}`, `{"title": "A", "type": "timeseries", "targets": [{"expr": "rate(app_requests_total[$__rate_interval])"}]}`},
	Query: func(q *Query, report Report) {
		if q.Panel == nil || q.Target.Instant || q.Panel.Type.Value != "timeseries" && q.Panel.Type.Value != "graph" {
			return
		}
		for _, v := range q.Variables {
			if v.Stands == source.AsDuration && (v.Name == "__range" || v.Name == "__range_s") {
				report.at(q.VariablePosition(v), "every point of the graph looks back over all that is shown", "use $__rate_interval")
			}
		}
	},
}
