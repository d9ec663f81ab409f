package validate

import (
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/infer"
)

var aggNan = &Check{
	ID: "agg/nan", Severity: diag.Info, Title: "One idle series makes the sum NaN",
	Why:     "A division by a rate of 0 gives NaN, and one NaN in a sum makes all of it NaN: a single idle series hides all others.",
	Source:  promDocs + "operators/#aggregation-operators",
	Example: Example{PromQL, `sum(rate(app_errors_total[5m]) / on (method, job, instance) sum by (method, job, instance) (rate(app_requests_total[5m])))`, `sum(rate(app_errors_total[5m]) / on (method, job, instance) (sum by (method, job, instance) (rate(app_requests_total[5m])) > 0))`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(a *parser.AggregateExpr) {
			if a.Op != parser.SUM && a.Op != parser.AVG && a.Op != parser.STDDEV {
				return
			}
			b, ok := quotient(a.Expr)
			if !ok || b.RHS.Type() != parser.ValueTypeVector {
				return
			}
			t := q.Table.Of(b.RHS)
			if (t.Kind == infer.Rate || t.Kind == infer.Increase) && t.Range.Contains(0) && q.Table.Of(b.LHS).Range.Contains(0) {
				report.because(q.Position(b), "where "+short(b.RHS)+" is 0 the quotient is NaN, and so is the whole "+a.Op.String(), "an idle series has a rate of 0", "divide by (… > 0)")
			}
		})
	},
}
