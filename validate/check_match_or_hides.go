package validate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/infer"
)

var matchOrHides = &Check{
	ID: "match/or-hides", Severity: diag.Warning, Title: "A union that hides one of its sides",
	Why:     "or lets a series of the right side through only where the left has none with the same labels. Two counters of one service have the same labels, and the second one is never seen.",
	Source:  promDocs + "operators/#logical-set-binary-operators",
	Example: Example{PromQL, `rate(app_errors_total[5m]) or rate(app_retries_total[5m])`, `rate(app_errors_total[5m]) + rate(app_retries_total[5m])`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(b *parser.BinaryExpr) {
			if b.Op != parser.LOR || b.VectorMatching != nil && (b.VectorMatching.On || len(b.VectorMatching.MatchingLabels) > 0) || q.Touches(b) {
				return
			}
			l, r := q.Table.Of(b.LHS), q.Table.Of(b.RHS)
			if l.Metric == nil || r.Metric == nil || l.Metric == r.Metric || !nameless(b.LHS) || !nameless(b.RHS) || filters(q, b.LHS) || filters(q, b.RHS) {
				return
			}
			if grows := l.Kind == infer.Rate || l.Kind == infer.Increase; !grows || l.Kind != r.Kind {
				return
			}
			if l.Labels.Closed() && r.Labels.Closed() && slices.Equal(l.Labels.Names(), r.Labels.Names()) {
				report.because(q.Position(b), fmt.Sprintf("%s is hidden wherever %s has a series", short(b.RHS), short(b.LHS)), "both have the labels "+strings.Join(visible(l), ", "), "add them, or tell them apart by a label")
			}
		})
	},
}
