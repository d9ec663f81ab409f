package validate

import (
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/infer"
)

var histAddCounters = &Check{
	ID: "hist/add-counters", Severity: diag.Warning, Title: "A sum of native histograms that count up",
	Why:     "Each restarts at a time of its own, and the sum no longer tells when. Take their rates first.",
	Source:  promDocs + "operators/#arithmetic-binary-operators",
	Example: Example{PromQL, `app_size_bytes - app_size_bytes offset 1h`, `increase(app_size_bytes[1h])`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(b *parser.BinaryExpr) {
			if (b.Op == parser.ADD || b.Op == parser.SUB) && q.Table.Of(b.LHS).Kind == infer.Native && q.Table.Of(b.RHS).Kind == infer.Native {
				report.at(q.Position(b), short(b)+" adds or subtracts histograms that restart at different times", "take rate() or increase() first")
			}
		})
	},
}
