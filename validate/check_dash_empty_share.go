package validate

import (
	"slices"

	"github.com/obsgen/obsgen/diag"
)

var dashEmptyShare = &Check{
	ID: "dash/empty-share", Severity: diag.Info, Title: "A share that is empty until the first failure",
	Why:     "A counter of errors has no series until the first error. Until then, and after every restart, the panel says No data in the place of 0%.",
	Source:  practices + "instrumentation/#avoid-missing-metrics",
	Example: Example{PanelOf, `{"title": "A", "type": "stat", "targets": [{"expr": "sum(rate(app_errors_total[5m])) / sum(rate(app_requests_total[5m]))"}]}`, `{"title": "A", "type": "stat", "targets": [{"expr": "(sum(rate(app_errors_total[5m])) or vector(0)) / sum(rate(app_requests_total[5m]))"}]}`},
	Query: func(q *Query, report Report) {
		if q.Panel == nil || !slices.Contains([]string{"stat", "gauge", "singlestat", "bargauge"}, q.Panel.Type.Value) {
			return
		}
		if part, ok := bareShare(q); ok {
			report.at(q.Position(part), short(part)+" has no series until something fails: the panel says No data instead of 0", "write ("+short(part)+" or vector(0))")
		}
	},
}
