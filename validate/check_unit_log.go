package validate

import (
	"fmt"
	"slices"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var unitLog = &Check{
	ID: "unit/log", Severity: diag.Info, Title: "A logarithm or an angle of an amount",
	Why:     "Logarithms, exponentials and angles are of numbers without a unit: of bytes the result depends on whether they are counted in KiB.",
	Source:  promDocs + "functions/#ln",
	Example: Example{PromQL, `ln(app_memory_bytes)`, `ln(app_memory_bytes / app_limit_bytes)`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(c *parser.Call) {
			if !slices.Contains([]string{"exp", "ln", "log2", "log10", "sin", "cos", "tan", "asin", "acos", "atan"}, c.Func.Name) {
				return
			}
			if u := q.Table.Of(c.Args[0]).Unit; u.IsBytes() || u.IsDuration() || u.IsPoint() {
				report.at(q.Position(c), fmt.Sprintf("%s() of %s", c.Func.Name, u), "divide by an amount of the same unit first")
			}
		})
	},
}
