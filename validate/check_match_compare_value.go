package validate

import (
	"slices"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/source"
)

var matchCompareValue = &Check{
	ID: "match/compare-value", Severity: diag.Info, Title: "The value of one side with the labels of the other",
	Why:     "A comparison returns the value of its left side. With group_right the labels are those of the right one, and $value is not what they suggest.",
	Source:  promDocs + "operators/#comparison-binary-operators",
	Example: Example{Alert, "alert: A\nexpr: sum by (job) (app_limit_bytes) < on (job) group_right () app_memory_bytes\nfor: 5m\nannotations:\n  summary: '{{ $value }}'", "alert: A\nexpr: app_memory_bytes > on (job) group_left () sum by (job) (app_limit_bytes)\nfor: 5m\nannotations:\n  summary: '{{ $value }}'"},
	Query: func(q *Query, report Report) {
		if q.Rule == nil || !q.Rule.IsAlert() || !slices.ContainsFunc(q.Rule.Annotations, func(p source.Pair) bool { return strings.Contains(p.Value.Value, "$value") }) {
			return
		}
		if b, ok := unparen(q.Expr).(*parser.BinaryExpr); ok && b.Op.IsComparisonOperator() && b.VectorMatching != nil && b.VectorMatching.Card == parser.CardOneToMany {
			report.at(q.Position(b), "$value is that of "+short(b.LHS)+", and the labels are those of "+short(b.RHS), "exchange the sides and use group_left")
		}
	},
}
