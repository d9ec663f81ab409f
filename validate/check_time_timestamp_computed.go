package validate

import (
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var timeTimestampComputed = &Check{
	ID: "time/timestamp-computed", Severity: diag.Error, Title: "The age of a computed value",
	Why:     "timestamp() of anything but a plain selector gives the time of the evaluation, so that the age is always 0.",
	Source:  promDocs + "functions/#timestamp",
	Example: Example{PromQL, `time() - timestamp(sum(app_queue_length))`, `time() - timestamp(app_queue_length)`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(b *parser.BinaryExpr) {
			c, ok := call(b.RHS, "timestamp")
			if _, now := call(b.LHS, "time"); !ok || !now || b.Op != parser.SUB {
				return // that something is the case now is asked for like this, too
			}
			if _, ok := unparen(c.Args[0]).(*parser.VectorSelector); !ok {
				report.at(q.Position(c), short(c)+" is the time of the evaluation, not that of a sample: the age is always 0", "take the timestamp of a selector")
			}
		})
	},
}
