package validate

import (
	"fmt"
	"math"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/infer"
)

var rangeFloatEquality = &Check{
	ID: "range/float-equality", Severity: diag.Warning, Title: "An equality that hardly ever holds",
	Why:     "rate and increase extrapolate to the ends of the window, so that increase of one event is 1.0169 and never exactly 1.",
	Source:  promDocs + "functions/#increase",
	Example: Example{PromQL, `increase(app_requests_total[5m]) == 1`, `increase(app_requests_total[5m]) > 0`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(b *parser.BinaryExpr) {
			x, ok := number(b.RHS)
			if !ok || b.Op != parser.EQLC || x == 0 || math.IsInf(x, 0) || math.IsNaN(x) || q.Touches(b.RHS) {
				return
			}
			if share, ok := shareOf(b.LHS); ok && share == x {
				return // all of them: a rate divided by itself is exactly 1
			}
			switch fn := innermost(b.LHS); {
			case fn == "rate", fn == "increase":
				if k := q.Table.Of(b.LHS).Kind; k == infer.Rate || k == infer.Increase || k == infer.Unknown {
					report.at(q.Position(b), fmt.Sprintf("%s is hardly ever exactly %v", short(b.LHS), x), "compare with > or <")
				}
			}
		})
	},
}

// shareOf returns the value of a ratio of two rates of equal windows that are the same, as where every request fails: 1,
// or what the ratio is multiplied by.
func shareOf(e parser.Expr) (scale float64, ok bool) {
	b, _ := unparen(e).(*parser.BinaryExpr)
	if b == nil || b.Op != parser.DIV && b.Op != parser.MUL {
		return 0, false
	}
	if k, isNumber := number(b.RHS); isNumber {
		scale, ok = shareOf(b.LHS)
		if b.Op == parser.DIV {
			return scale / k, ok
		}
		return scale * k, ok
	}
	if k, isNumber := number(b.LHS); isNumber && b.Op == parser.MUL {
		scale, ok = shareOf(b.RHS)
		return scale * k, ok
	}
	fn := innermost(b.LHS)
	return 1, b.Op == parser.DIV && (fn == "rate" || fn == "increase") && fn == innermost(b.RHS)
}
