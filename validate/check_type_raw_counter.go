package validate

import (
	"slices"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/infer"
)

var typeRawCounter = &Check{
	ID: "type/raw-counter", Severity: diag.Warning, Title: "A counter taken for what it counts",
	Why:     "A counter grows until the process restarts. Compared or shown as it is, it tells how long that is ago: an alert on it never ends once it fires.",
	Source:  practices + "instrumentation/#counter-vs-gauge-summary-vs-histogram",
	Example: Example{Alert, "alert: A\nexpr: app_errors_total > 100\nfor: 5m", "alert: A\nexpr: increase(app_errors_total[1h]) > 100\nfor: 5m"},
	Query: func(q *Query, report Report) {
		switch {
		case q.Rule != nil && q.Rule.IsAlert():
			alone := decisive(q)
			eachCondition(q, func(c condition) {
				k := q.Table.Of(c.value).Kind
				// Beside another condition a counter above 0 says that there was an event at all.
				latches := slices.ContainsFunc(alone, func(a condition) bool { return a.node == c.node }) && (c.up() || c.op == parser.NEQ)
				if (k == infer.Counter || k == infer.Cumulative) && (latches || c.up() && c.limit != 0) {
					report.at(q.Position(c.value), short(c.value)+" has counted since the process started", "compare increase(…[1h]) or rate(…)")
				}
			})
		case q.Panel != nil && slices.Contains([]string{"stat", "singlestat", "gauge", "timeseries", "graph", "bargauge"}, q.Panel.Type.Value):
			if k := q.Root().Kind; (k == infer.Counter || k == infer.Cumulative) && q.Root().Metric != nil {
				report(diag.Finding{At: q.Position(q.Expr), Message: short(q.Expr) + " has counted since the process started, not over the time that is shown", Mend: "show rate(…), or increase(…[$__range])"})
			}
		}
	},
}
