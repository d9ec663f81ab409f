package validate

import (
	"fmt"
	"slices"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var rangeNotAPart = &Check{
	ID: "range/not-a-part", Severity: diag.Warning, Title: "A share of something else",
	Why:     "The lower side selects less than the upper one in a label that the upper side leaves open: what is counted above is not part of what is counted below, and the share can be above 1.",
	Source:  workbook,
	Example: Example{PromQL, `sum(rate(app_requests_total{code=~"5.."}[5m])) / sum(rate(app_requests_total{method="GET"}[5m]))`, `sum(rate(app_requests_total{code=~"5..",method="GET"}[5m])) / sum(rate(app_requests_total{method="GET"}[5m]))`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(b *parser.BinaryExpr) {
			if b.Op != parser.DIV {
				return
			}
			l, okL := aggregation(b.LHS, parser.SUM)
			r, okR := aggregation(b.RHS, parser.SUM)
			if !okL || !okR {
				return
			}
			part, okP := onlySelector(l)
			whole, okW := onlySelector(r)
			if !okP || !okW || part.vs.Name == "" || part.vs.Name != whole.vs.Name || part.fn != whole.fn || part.window != whole.window || part.offset != whole.offset {
				return
			}
			narrowed := func(a, b *parser.VectorSelector) *labels.Matcher { // by a alone, in a label that b does not select by
				for _, m := range a.LabelMatchers {
					if m.Name != model.MetricNameLabel && m.Value != "" && !slices.ContainsFunc(b.LabelMatchers, func(x *labels.Matcher) bool { return x.Name == m.Name }) {
						return m
					}
				}
				return nil
			}
			if narrowed(part.vs, whole.vs) == nil {
				return // a ratio of a whole to a part is meant, or of two parts
			}
			if m := narrowed(whole.vs, part.vs); m != nil && !slices.Contains(l.Grouping, m.Name) {
				report.at(q.Position(b), fmt.Sprintf("only the lower side selects by %s, so that the upper one is no part of it", m), "select by it on both sides")
			}
		})
	},
}
