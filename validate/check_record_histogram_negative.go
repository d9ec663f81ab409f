package validate

import (
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/infer"
)

var recordHistogramNegative = &Check{
	ID: "record/histogram-negative", Severity: diag.Warning, Title: "A recorded histogram that can be negative",
	Why:     "The difference of two native histograms can have negative counts, which cannot be stored as a counter: the evaluation fails.",
	Source:  promDocs + "operators/#arithmetic-binary-operators",
	Example: Example{PromQL, `rate(app_size_bytes[5m]) - rate(app_size_bytes[5m] offset 1h)`, `rate(app_size_bytes[5m])`},
	Query: func(q *Query, report Report) {
		if q.Rule == nil || q.Rule.Record.IsZero() {
			return
		}
		b, ok := unparen(q.Expr).(*parser.BinaryExpr)
		if ok && b.Op == parser.SUB && q.Table.Of(b.LHS).Native == infer.Must && q.Table.Of(b.RHS).Native == infer.Must {
			report.at(q.Position(b), "the difference of two histograms can be negative", "record both, and subtract what is computed from them")
		}
	},
}
