package validate

import (
	"strings"

	"github.com/obsgen/obsgen/diag"
)

var windowRateInterval = &Check{
	ID: "window/rate-interval", Severity: diag.Info, Title: "A fixed window in a graph",
	Why:     "Zoomed out, a graph asks for one point in minutes or hours, and a rate over five minutes leaves out what happened between them. $__rate_interval follows the zoom.",
	Source:  grafana + "datasources/prometheus/template-variables/#use-__rate_interval",
	Example: Example{PanelOf, `{"title": "A", "type": "timeseries", "targets": [{"expr": "rate(app_requests_total[5m])"}]}`, `{"title": "A", "type": "timeseries", "targets": [{"expr": "rate(app_requests_total[$__rate_interval])"}]}`},
	Query: func(q *Query, report Report) {
		if q.Panel == nil || q.Target.Instant || q.Panel.Type.Value != "timeseries" && q.Panel.Type.Value != "graph" {
			return
		}
		eachWindow(q, func(w windowed) {
			if needsTwo[w.fn] && strings.HasSuffix(w.fn, "rate") && !q.VariableWindow(w.matrix) && !q.Set.ruled(w) {
				report.at(q.Position(w.matrix), "the window is fixed, and does not follow the zoom", "use [$__rate_interval]")
			}
		})
	},
}
