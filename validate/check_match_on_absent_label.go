package validate

import (
	"slices"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var matchOnAbsentLabel = &Check{
	ID: "match/on-absent-label", Severity: diag.Warning, Title: "A match by a label that neither side has",
	Why:     "Where both sides lack every label of the match all series are matched with all: the query fails with several series, and otherwise its result means something else. A label that is absent beside others which are there changes nothing.",
	Source:  promDocs + "operators/#vector-matching-keywords",
	Example: Example{PromQL, `app_queue_length * on (zone) group_left () sum(app_memory_bytes)`, `app_queue_length * on () group_left () sum(app_memory_bytes)`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(b *parser.BinaryExpr) {
			if b.VectorMatching == nil || !b.VectorMatching.On {
				return
			}
			l, r := q.Table.Of(b.LHS).Labels, q.Table.Of(b.RHS).Labels
			names := b.VectorMatching.MatchingLabels
			absent := func(name string) bool {
				return l.Closed() && r.Closed() && !l.Has(name) && !r.Has(name) && !replaced.MatchString(name)
			}
			if len(names) > 0 && !slices.ContainsFunc(names, func(name string) bool { return !absent(name) }) {
				report.at(q.Position(b), "neither side has the label "+strings.Join(names, ", ")+" by which they are matched", "match by labels that both have, or by none: on ()")
			}
		})
	},
}
