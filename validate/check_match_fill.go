package validate

import (
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var matchFill = &Check{
	ID: "match/fill", Severity: diag.Warning, Title: "A divisor that is filled with zero",
	Why:     "Where the divisor has no match it is taken for 0, and the quotient is infinite or NaN.",
	Source:  promDocs + "operators/#filling-in-missing-matches",
	Example: Example{PromQL, `sum by (method) (rate(app_errors_total[5m])) / fill (0) sum by (method) (rate(app_requests_total[5m]))`, `sum by (method) (rate(app_errors_total[5m])) / fill_left (0) sum by (method) (rate(app_requests_total[5m]))`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(b *parser.BinaryExpr) {
			m := b.VectorMatching
			if m != nil && (b.Op == parser.DIV || b.Op == parser.MOD) && m.FillValues.RHS != nil && *m.FillValues.RHS == 0 {
				report.at(q.Position(b), "a missing divisor is taken for 0", "fill the left side alone: fill_left (0)")
			}
		})
	},
}
