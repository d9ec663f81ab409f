package validate

import (
	"slices"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var matchLostJoin = &Check{
	ID: "match/lost-join", Severity: diag.Info, Title: "A label that is fetched and dropped",
	Why:     "The join brings a label from the other side, and the aggregation around it drops it again.",
	Source:  promDocs + "operators/#many-to-one-and-one-to-many-vector-matches",
	Example: Example{PromQL, `sum(app_requests_total * on (instance, job) group_left (version) app_build_info)`, `sum by (version) (app_requests_total * on (instance, job) group_left (version) app_build_info)`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(a *parser.AggregateExpr) {
			b, ok := unparen(a.Expr).(*parser.BinaryExpr)
			if !ok || b.VectorMatching == nil || a.Op == parser.TOPK || a.Op == parser.BOTTOMK {
				return
			}
			one := b.RHS
			if b.VectorMatching.Card == parser.CardOneToMany {
				one = b.LHS
			}
			for _, l := range b.VectorMatching.Include {
				// One that is not there is match/group-label-absent.
				if slices.Contains(a.Grouping, l) == a.Without && q.Table.Of(one).Labels.Has(l) {
					report.at(q.Within(b, l), "the label "+l+" is fetched from the other side and dropped again", "group by it, or drop it from the list")
				}
			}
		})
	},
}
