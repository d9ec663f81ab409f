package validate

import (
	"fmt"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var labelOrVector = &Check{
	ID: "label/or-vector", Severity: diag.Warning, Title: "A fallback that is always there",
	Why:     "vector(0) has no labels. Beside series that have some it is not a fallback: it is one more series, always.",
	Source:  promDocs + "operators/#logical-set-binary-operators",
	Example: Example{PromQL, `sum by (method) (rate(app_requests_total[5m])) or vector(0)`, `sum(rate(app_requests_total[5m])) or vector(0)`},
	Query: func(q *Query, report Report) {
		harmless := map[parser.Expr]bool{} // in a sum of everything one more 0 changes nothing
		eachOf(q, func(a *parser.AggregateExpr) {
			if a.Op == parser.SUM && !a.Without && len(a.Grouping) == 0 {
				each(a.Expr, func(b *parser.BinaryExpr) { harmless[b] = true })
			}
		})
		eachOf(q, func(b *parser.BinaryExpr) {
			if b.Op != parser.LOR || harmless[b] || b.VectorMatching != nil && b.VectorMatching.On {
				return
			}
			c, ok := unparen(b.RHS).(*parser.Call)
			if !ok || c.Func.Name != "vector" {
				return
			}
			for _, name := range q.Table.Of(b.LHS).Labels.Names() {
				if q.Table.Of(b.LHS).Labels.Certain(name) && name != model.MetricNameLabel && !replaced.MatchString(name) {
					report.because(q.Position(b.RHS), fmt.Sprintf("%s is beside the other series always, not only where there are none", short(b.RHS)),
						"they have the label "+name+", and it has none", "sum them without labels, or write or on () vector(…)")
					return
				}
			}
		})
	},
}
