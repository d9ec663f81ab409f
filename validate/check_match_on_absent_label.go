package validate

import (
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var matchOnAbsentLabel = &Check{
	ID: "match/on-absent-label", Severity: diag.Error, Title: "A match by a label that neither side has",
	Why:     "Where both sides lack the label all series are matched with all: an error with several series, and otherwise a result that means something else.",
	Source:  promDocs + "operators/#vector-matching-keywords",
	Example: Example{PromQL, `app_queue_length * on (zone) group_left () sum(app_memory_bytes)`, `app_queue_length * on () group_left () sum(app_memory_bytes)`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(b *parser.BinaryExpr) {
			if b.VectorMatching == nil || !b.VectorMatching.On {
				return
			}
			l, r := q.Table.Of(b.LHS).Labels, q.Table.Of(b.RHS).Labels
			for _, name := range b.VectorMatching.MatchingLabels {
				if l.Closed() && r.Closed() && !l.Has(name) && !r.Has(name) && !replaced.MatchString(name) {
					report.at(q.Position(b), "neither side has the label "+name+" by which they are matched", "match by labels that both have")
				}
			}
		})
	},
}
