package validate

import (
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var matchUselessGroup = &Check{
	ID: "match/useless-group", Severity: diag.Info, Title: "A group modifier that nothing needs",
	Why:     "Both sides have one series at most for each match: group_left and group_right change nothing, and hide it when one day they should fail.",
	Source:  promDocs + "operators/#many-to-one-and-one-to-many-vector-matches",
	Example: Example{PromQL, `sum by (job) (app_queue_length) / on (job) group_left () sum by (job) (app_memory_bytes)`, `sum by (job) (app_queue_length) / on (job) sum by (job) (app_memory_bytes)`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(b *parser.BinaryExpr) {
			m := b.VectorMatching
			if m == nil || m.Card != parser.CardManyToOne && m.Card != parser.CardOneToMany || len(m.Include) > 0 || q.Touches(b) {
				return
			}
			if unique(q.Table.Of(b.LHS), m) && unique(q.Table.Of(b.RHS), m) {
				report.at(q.Position(b), "each side has one series at most for each match", "drop the group modifier")
			}
		})
	},
}
