package validate

import (
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var unitDoublePercent = &Check{
	ID: "unit/double-percent", Severity: diag.Warning, Title: "Percent of percent",
	Why:     "The value is in percent already. Times 100 it runs to 10,000.",
	Source:  practices + "naming/#base-units",
	Example: Example{PromQL, `100 * app_cpu_percent`, `100 * app_fill_ratio`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(b *parser.BinaryExpr) {
			if b.Op != parser.MUL {
				return
			}
			for _, sides := range [][2]parser.Expr{{b.LHS, b.RHS}, {b.RHS, b.LHS}} {
				x, ok := number(sides[0])
				u := q.Table.Of(sides[1]).Unit
				if ok && x == 100 && u.IsShare() && u.Scale() == 0.01 {
					report.because(q.Position(b), short(sides[1])+" is in percent already", "times 100 it runs to 10,000", "drop the factor")
				}
			}
		})
	},
}
