package validate

import (
	"fmt"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var unitClampArg = &Check{
	ID: "unit/clamp-arg", Severity: diag.Warning, Title: "A bound that is never met",
	Why:     "The value cannot reach the bound: a ratio is never above 1, so that a clamp at 100 changes nothing. Mostly the bound is in another scale.",
	Source:  promDocs + "functions/#clamp_max",
	Example: Example{PromQL, `clamp_max(app_fill_ratio, 100)`, `clamp_max(app_fill_ratio, 0.9)`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(c *parser.Call) {
			if c.Func.Name != "clamp_max" || len(c.Args) != 2 || q.Touches(c.Args[1]) {
				return
			}
			t := q.Table.Of(c.Args[0])
			if x, ok := q.Table.Of(c.Args[1]).Range.Exactly(); ok && t.Metric != nil && t.Unit.IsShare() && t.Range.IsBounded() && x > t.Range.Hi && x >= 10*t.Range.Hi {
				report.because(q.Position(c.Args[1]), fmt.Sprintf("%s never reaches %v", short(c.Args[0]), x), fmt.Sprintf("its values are %s", t.Range), "write the bound in the scale of the value")
			}
		})
	},
}
