package validate

import (
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/infer"
)

var matchDeadOr = &Check{
	ID: "match/dead-or", Severity: diag.Warning, Title: "A fallback that is never used",
	Why:     "The left side always has a series with the same labels, so that nothing of the right side ever comes through.",
	Source:  promDocs + "operators/#logical-set-binary-operators",
	Example: Example{PromQL, `vector(1) or sum(app_queue_length)`, `sum(app_queue_length) or vector(1)`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(b *parser.BinaryExpr) {
			if b.Op != parser.LOR {
				return
			}
			l, r := q.Table.Of(b.LHS), q.Table.Of(b.RHS)
			if l.Empty == infer.Never && l.Labels.Closed() && len(l.Labels.Names()) == 0 && r.Labels.Closed() && len(r.Labels.Names()) == 0 {
				report.because(q.Position(b.RHS), short(b.RHS)+" never comes through", short(b.LHS)+" is always there, with the same labels", "exchange the sides")
			}
		})
	},
}
