package validate

import (
	"fmt"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var rangeSmoothing = &Check{
	ID: "range/smoothing", Severity: diag.Error, Title: "Smoothing factors outside of 0 to 1",
	Why:     "double_exponential_smoothing takes factors between 0 and 1, without the ends. Others are an error at every evaluation.",
	Source:  promDocs + "functions/#double_exponential_smoothing",
	Example: Example{PromQL, `double_exponential_smoothing(app_queue_length[1h], 1, 0.5)`, `double_exponential_smoothing(app_queue_length[1h], 0.9, 0.5)`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(c *parser.Call) {
			if c.Func.Name != "double_exponential_smoothing" && c.Func.Name != "holt_winters" {
				return
			}
			for _, a := range c.Args[1:] {
				if x, ok := q.Table.Of(a).Range.Exactly(); ok && !q.Touches(a) && (x <= 0 || x >= 1) {
					report.at(q.Position(a), fmt.Sprintf("the factor %v is not between 0 and 1", x), "use one such as 0.5")
				}
			}
		})
	},
}
