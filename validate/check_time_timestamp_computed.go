package validate

import (
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var timeTimestampComputed = &Check{
	ID: "time/timestamp-computed", Severity: diag.Error, Title: "The time of a computed value",
	Why:     "timestamp() of anything but a plain selector gives the time of the evaluation, so that the age is always 0.",
	Source:  promDocs + "functions/#timestamp",
	Example: Example{PromQL, `time() - timestamp(sum(app_queue_length))`, `time() - timestamp(app_queue_length)`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(c *parser.Call) {
			if c.Func.Name != "timestamp" || len(c.Args) == 0 {
				return
			}
			switch unparen(c.Args[0]).(type) {
			case *parser.VectorSelector:
			default:
				report.at(q.Position(c), short(c)+" is the time of the evaluation, not that of a sample", "take the timestamp of a selector")
			}
		})
	},
}
