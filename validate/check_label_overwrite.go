package validate

import (
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var labelOverwrite = &Check{
	ID: "label/overwrite", Severity: diag.Info, Title: "A label that is overwritten",
	Why:     "The function writes over a label that the series have: what it said is lost, and series that only differed in it become one, which is an error.",
	Source:  promDocs + "functions/#label_replace",
	Example: Example{PromQL, `label_replace(app_requests_total, "method", "$1", "code", "(.).*")`, `label_replace(app_requests_total, "class", "$1", "code", "(.).*")`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(c *parser.Call) {
			if c.Func.Name != "label_replace" && c.Func.Name != "label_join" || len(c.Args) < 4 {
				return
			}
			dst, ok := unparen(c.Args[1]).(*parser.StringLiteral)
			if !ok || dst.Val == model.MetricNameLabel || q.Touches(dst) {
				return
			}
			t := q.Table.Of(c.Args[0])
			for _, a := range c.Args[2:] {
				if s, ok := unparen(a).(*parser.StringLiteral); ok && s.Val == dst.Val {
					return // rewritten from itself
				}
			}
			values, closed := t.Labels.Values(dst.Val).Set()
			if t.Labels.Closed() && t.Labels.Certain(dst.Val) && !(closed && len(values) == 1) {
				report.because(q.Position(dst), "the label "+dst.Val+" of the series is overwritten", "they have "+strings.Join(visible(t), ", "), "write to a label of another name")
			}
		})
		eachOf(q, func(a *parser.AggregateExpr) {
			if a.Op != parser.COUNT_VALUES || a.Param == nil {
				return
			}
			if s, ok := unparen(a.Param).(*parser.StringLiteral); ok && slices.Contains(a.Grouping, s.Val) {
				report.at(q.Position(s), "the label "+s.Val+" by which the series are grouped is overwritten", "write the values to a label of another name")
			}
		})
	},
}
