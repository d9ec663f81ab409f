package validate

import (
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/infer"
)

var typeGaugeFuncOnCounter = &Check{
	ID: "type/gauge-func-on-counter", Severity: diag.Warning, Title: "A mean or extreme of a counter's value",
	Why:     "The value of a counter is what it has counted since the process started: its average or maximum over a time tells when that was, and little else.",
	Source:  practices + "instrumentation/#counter-vs-gauge-summary-vs-histogram",
	Example: Example{PromQL, `avg_over_time(app_requests_total[5m])`, `avg_over_time(app_queue_length[5m])`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(c *parser.Call) {
			switch c.Func.Name {
			case "avg_over_time", "quantile_over_time", "stddev_over_time", "stdvar_over_time", "mad_over_time", "sum_over_time", "predict_linear", "double_exponential_smoothing":
			default:
				return
			}
			arg := c.Args[len(c.Args)-1]
			if c.Func.Name == "predict_linear" || c.Func.Name == "double_exponential_smoothing" {
				arg = c.Args[0]
			}
			if t := q.Table.Of(arg); t.Metric != nil && (t.Kind == infer.Counter || t.Kind == infer.Bucket) {
				report.at(q.Position(c), c.Func.Name+"() of "+t.Metric.Name+", which counts up", "take rate() or increase()")
			}
		})
	},
}
