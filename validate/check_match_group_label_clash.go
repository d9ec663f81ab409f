package validate

import (
	"slices"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/infer"
)

var matchGroupLabelClash = &Check{
	ID: "match/group-label-clash", Severity: diag.Warning, Title: "A join that makes series the same",
	Why:     "The label that comes from the other side replaces one in which the series differ. Where two of them then have the same labels the evaluation fails: grouping labels must ensure unique matches.",
	Source:  promDocs + "operators/#many-to-one-and-one-to-many-vector-matches",
	Example: Example{PromQL, `app_requests_total * on (instance, job) group_left (method) label_replace(app_build_info, "method", "$1", "version", "(.*)")`, `app_requests_total * on (instance, job) group_left (version) app_build_info`},
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
			t := q.Table.Of(many)
			for _, l := range m.Include {
				if clashes(t, m, l) {
					report.at(q.Within(b, l), "the series differ in "+l+", which the other side replaces", "fetch it under another name")
				}
			}
		})
	},
}

// clashes reports whether the series of the many side surely differ in a label that is fetched from the other.
func clashes(t infer.Type, m *parser.VectorMatching, l string) bool {
	return slices.Contains(ownLabels(t), l) && t.Labels.Certain(l) && !(m.On && slices.Contains(m.MatchingLabels, l))
}
