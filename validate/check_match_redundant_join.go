package validate

import (
	"slices"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var matchRedundantJoin = &Check{
	ID: "match/redundant-join", Severity: diag.Warning, Title: "A label from the other side that is there already",
	Why:     "The series of the many side have the label, and the join writes over it with what the other side says.",
	Source:  promDocs + "operators/#many-to-one-and-one-to-many-vector-matches",
	Example: Example{PromQL, `app_requests_total * on (instance) group_left (job) max by (instance, job) (up)`, `app_requests_total * on (instance) group_left () max by (instance) (up)`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(b *parser.BinaryExpr) {
			m := b.VectorMatching
			if m == nil || m.Card != parser.CardManyToOne && m.Card != parser.CardOneToMany {
				return
			}
			many := b.LHS
			if m.Card == parser.CardOneToMany {
				many = b.RHS
			}
			for _, l := range m.Include {
				t := q.Table.Of(many)
				if clashes(t, m, l) {
					continue // match/group-label-clash
				}
				if t.Labels.Certain(l) && t.Labels.Closed() && !slices.Contains(m.MatchingLabels, l) {
					report.at(q.Within(b, l), "the series have the label "+l+" already", "drop it from the list")
				} else if m.On && slices.Contains(m.MatchingLabels, l) {
					report.at(q.Within(b, l), "the series are matched by "+l+", so that both sides have it", "drop it from the list")
				}
			}
		})
	},
}
