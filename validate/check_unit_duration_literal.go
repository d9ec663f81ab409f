package validate

import (
	"fmt"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/unit"
)

var unitDurationLiteral = &Check{
	ID: "unit/duration-literal", Severity: diag.Error, Title: "A duration compared with another unit than seconds",
	Why:     "A duration such as 5m is a number of seconds: 300. Beside milliseconds it means 0.3 seconds, beside bytes nothing.",
	Source:  promDocs + "basics/#float-literals-and-time-durations",
	Example: Example{Alert, "alert: A\nexpr: app_wait_milliseconds > 5m\nfor: 5m", "alert: A\nexpr: app_wait_milliseconds > 300\nfor: 5m"},
	Query: func(q *Query, report Report) {
		eachOf(q, func(b *parser.BinaryExpr) {
			if !b.Op.IsComparisonOperator() && b.Op != parser.ADD && b.Op != parser.SUB {
				return
			}
			for _, sides := range [][2]parser.Expr{{b.LHS, b.RHS}, {b.RHS, b.LHS}} {
				n, ok := unparen(sides[1]).(*parser.NumberLiteral)
				u := q.Table.Of(sides[0]).Unit
				if !ok || !n.Duration || q.Touches(sides[1]) || !u.IsKnown() || u.IsLiteral() || u.SameDimension(unit.Seconds) && u.Scale() == 1 {
					continue
				}
				mend := "write a number in " + u.String()
				if u.SameDimension(unit.Seconds) && !u.IsPoint() {
					mend = fmt.Sprintf("write %v", n.Val/u.Scale())
				}
				report(diag.Finding{At: q.Position(n), Message: fmt.Sprintf("%s is %v, beside a value in %s", n, n.Val, u), Mend: mend})
			}
		})
	},
}
