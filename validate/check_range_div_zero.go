package validate

import (
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/infer"
)

var rangeDivZero = &Check{
	ID: "range/div-zero", Severity: diag.Error, Title: "A division by zero",
	Why:     "The divisor is 0 whatever the data is: the result is infinite, or NaN.",
	Source:  promDocs + "operators/#arithmetic-binary-operators",
	Example: Example{PromQL, `app_memory_bytes / 0`, `app_memory_bytes / 1024`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(b *parser.BinaryExpr) {
			if b.Op != parser.DIV && b.Op != parser.MOD || q.Touches(b.RHS) || b.VectorMatching != nil && b.VectorMatching.FillValues.RHS != nil {
				return
			}
			if x, ok := q.Table.Of(b.RHS).Range.Exactly(); ok && x == 0 && q.Table.Of(b.RHS).Empty != infer.Must && !constant(b) {
				report.at(q.Position(b), short(b.RHS)+" is always 0", "divide by something else")
			}
		})
	},
}
