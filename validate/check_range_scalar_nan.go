package validate

import (
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var rangeScalarNan = &Check{
	ID: "range/scalar-nan", Severity: diag.Warning, Title: "A scalar of several series",
	Why:     "scalar() of anything but exactly one series is NaN, and so is everything that is computed with it.",
	Source:  promDocs + "functions/#scalar",
	Example: Example{PromQL, `app_memory_bytes / scalar(app_requests_total)`, `app_memory_bytes / scalar(sum(app_requests_total))`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(c *parser.Call) {
			if c.Func.Name != "scalar" || len(c.Args) != 1 {
				return
			}
			if own := ownLabels(q.Table.Of(c.Args[0])); len(own) > 0 && q.Table.Of(c.Args[0]).Labels.Certain(own[0]) {
				report.because(q.Position(c), short(c)+" is NaN as soon as there are two series", "they differ in "+strings.Join(own, ", "), "aggregate them to one first")
			}
		})
	},
}
