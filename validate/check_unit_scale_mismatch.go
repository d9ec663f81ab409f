package validate

import (
	"fmt"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var unitScaleMismatch = &Check{
	ID: "unit/scale-mismatch", Severity: diag.Warning, Title: "A ratio of two scales",
	Why:     "Milliseconds divided by seconds are a share only after one of them is converted: as it stands it is a thousand times too large.",
	Source:  practices + "naming/#base-units",
	Example: Example{PromQL, `app_wait_milliseconds / app_uptime_seconds`, `app_wait_milliseconds / 1000 / app_uptime_seconds`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(b *parser.BinaryExpr) {
			if b.Op != parser.DIV {
				return
			}
			l, r := q.Table.Of(b.LHS).Unit, q.Table.Of(b.RHS).Unit
			if known := l.IsDuration() && r.IsDuration() || l.IsBytes() && r.IsBytes(); known && l.Scale() != r.Scale() && !scaledBack(q, b) {
				report.because(q.Position(b), fmt.Sprintf("%s are divided by %s", l, r), short(b), fmt.Sprintf("multiply the left side by %g first", l.Scale()/r.Scale()))
			}
		})
	},
}

// scaledBack reports whether the quotient is multiplied or divided by a number where it stands, which converts it.
func scaledBack(q *Query, quotient *parser.BinaryExpr) bool {
	found := false
	eachOf(q, func(b *parser.BinaryExpr) {
		if b.Op != parser.MUL && b.Op != parser.DIV {
			return
		}
		_, left := number(b.LHS)
		_, right := number(b.RHS)
		found = found || left && unparen(b.RHS) == parser.Expr(quotient) || right && unparen(b.LHS) == parser.Expr(quotient)
	})
	return found
}
