package validate

import (
	"fmt"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var windowDurationExpr = &Check{
	ID: "window/duration-expr", Severity: diag.Error, Title: "A window that is not positive",
	Why:     "The duration is computed to 0 or less, which Prometheus refuses at every evaluation.",
	Source:  promDocs + "basics/#time-durations",
	Example: Example{PromQL, `rate(app_requests_total[5m-10m])`, `rate(app_requests_total[5m*2])`},
	Query: func(q *Query, report Report) {
		check := func(at parser.Node, d *parser.DurationExpr) {
			if d == nil || q.Touches(at) {
				return
			}
			if x, ok := seconds(d); ok && x <= 0 {
				report.at(q.Position(at), fmt.Sprintf("the window is %v seconds", x), "use a duration above 0")
			}
		}
		eachOf(q, func(m *parser.MatrixSelector) { check(m, m.RangeExpr) })
		eachOf(q, func(s *parser.SubqueryExpr) { check(s, s.RangeExpr) })
	},
}

// seconds computes a duration that is written as an expression, as far as it is one of constants.
func seconds(e parser.Expr) (float64, bool) {
	switch n := e.(type) {
	case *parser.NumberLiteral:
		return n.Val, true
	case *parser.ParenExpr:
		return seconds(n.Expr)
	case *parser.DurationExpr:
		r, okR := seconds(n.RHS)
		if n.LHS == nil {
			if n.Op == parser.SUB {
				r = -r
			}
			return r, okR && (n.Op == parser.SUB || n.Op == parser.ADD)
		}
		l, okL := seconds(n.LHS)
		ok := okL && okR
		switch n.Op {
		case parser.ADD:
			return l + r, ok
		case parser.SUB:
			return l - r, ok
		case parser.MUL:
			return l * r, ok
		case parser.DIV:
			return l / r, ok && r != 0
		}
	}
	return 0, false
}
