package validate

import (
	"fmt"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var rangeDeadClamp = &Check{
	ID: "range/dead-clamp", Severity: diag.Error, Title: "A clamp without a way through",
	Why:     "clamp() with a lower bound above the upper one gives no series at all.",
	Source:  promDocs + "functions/#clamp",
	Example: Example{PromQL, `clamp(app_queue_length, 5, 1)`, `clamp(app_queue_length, 1, 5)`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(c *parser.Call) {
			if c.Func.Name != "clamp" || len(c.Args) != 3 || q.Touches(c.Args[1]) || q.Touches(c.Args[2]) {
				return
			}
			lo, okLo := q.Table.Of(c.Args[1]).Range.Exactly()
			hi, okHi := q.Table.Of(c.Args[2]).Range.Exactly()
			if okLo && okHi && lo > hi {
				report.at(q.Position(c), fmt.Sprintf("the lower bound %v is above the upper bound %v: there are no series", lo, hi), "exchange them")
			}
		})
	},
}
