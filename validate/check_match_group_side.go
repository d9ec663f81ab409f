package validate

import (
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/infer"
)

var matchGroupSide = &Check{
	ID: "match/group-side", Severity: diag.Error, Title: "The many side on the other side",
	Why:     "group_left says that the left side has many series for each of the right. Here it is the other way round, and the evaluation fails.",
	Source:  promDocs + "operators/#many-to-one-and-one-to-many-vector-matches",
	Example: Example{PromQL, `sum(app_queue_length) * on () group_left () app_requests_total`, `sum(app_queue_length) * on () group_right () app_requests_total`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(b *parser.BinaryExpr) {
			m := b.VectorMatching
			if m == nil || m.Card != parser.CardManyToOne && m.Card != parser.CardOneToMany || m.FillValues != (parser.VectorMatchFillValues{}) {
				return // with series that are filled in it is good where the side of one has no series
			}
			many, one, word, other := b.LHS, b.RHS, "group_left", "group_right"
			if m.Card == parser.CardOneToMany {
				many, one, word, other = b.RHS, b.LHS, "group_right", "group_left"
			}
			if l := extra(q.Table.Of(one), m); l != "" && !slices.Contains(m.Include, l) && unique(q.Table.Of(many), m) {
				report.because(q.Position(b), word+" takes "+short(many)+" for the side with many series, and it has one for each match", short(one)+" differs in "+l, "use "+other)
			}
		})
	},
}

// extra returns a label beyond those of the match in which the series of a side surely differ: one of its own metric.
func extra(t infer.Type, m *parser.VectorMatching) string {
	if t.Metric == nil {
		return ""
	}
	one, exact := t.Range.Exactly()
	if exact && one == 1 && strings.HasSuffix(t.Metric.Name, "_info") && slices.Contains(m.MatchingLabels, catalog.Instance.Name) == m.On {
		return "" // an info metric has one series for each target
	}
	for _, l := range ownLabels(t) {
		if matched := slices.Contains(m.MatchingLabels, l) == m.On; !matched && t.Labels.Certain(l) {
			return l
		}
	}
	return ""
}

// unique reports whether a side surely has one series at most for each match.
func unique(t infer.Type, m *parser.VectorMatching) bool {
	if !t.Labels.Closed() {
		return false
	}
	for _, l := range t.Labels.Names() {
		values, closed := t.Labels.Values(l).Set()
		if slices.Contains(m.MatchingLabels, l) != m.On && l != model.MetricNameLabel && !(closed && len(values) == 1) {
			return false
		}
	}
	return true
}
