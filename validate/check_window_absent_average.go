package validate

import (
	"slices"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/diag"
)

var windowAbsentAverage = &Check{
	ID: "window/absent-average", Severity: diag.Warning, Title: "A ratio of averages, one of which leaves out the times without a sample",
	Why:     "A series of one outcome does not exist before its first event, nor after a restart until the next one. avg_over_time() averages the samples that exist, so ten minutes of errors count as if they had lasted for the whole window, and a month's error budget looks spent. A sum over the window counts what is absent as nothing and weighs each moment by its traffic.",
	Source:  workbook,
	Example: Example{PromQL, `avg_over_time(sum(rate(app_requests_total{code=~"5.."}[5m]))[30d:5m]) / avg_over_time(sum(rate(app_requests_total[5m]))[30d:5m])`, `sum_over_time(sum(rate(app_requests_total{code=~"5.."}[5m]))[30d:5m]) / sum_over_time(sum(rate(app_requests_total[5m]))[30d:5m])`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(b *parser.BinaryExpr) {
			if b.Op != parser.DIV {
				return
			}
			call, part, ok := averaged(q, b.LHS)
			_, whole, okW := averaged(q, b.RHS)
			if ok && okW && narrower(q, part, whole) {
				report.because(q.Position(call), "avg_over_time() leaves out the times in which "+short(part)+" has no series, and the denominator has one all the time",
					"its series do not exist before the first event, nor after a restart until the next one", "use sum_over_time() on both sides")
			}
		})
	},
}

// averaged returns the call of avg_over_time that a side of a ratio is, and the selector of which it averages the rates: its own
// or that of the recording rule that it reads. A filled value (or …) and a guard (> 0) around the call are looked through.
func averaged(q *Query, e parser.Expr) (*parser.Call, *parser.VectorSelector, bool) {
	switch n := unparen(e).(type) {
	case *parser.BinaryExpr:
		if n.Op == parser.LOR || n.Op.IsComparisonOperator() && !n.ReturnBool {
			return averaged(q, n.LHS)
		}
	case *parser.Call:
		if n.Func.Name != "avg_over_time" {
			return nil, nil, false
		}
		inner := unparen(n.Args[0])
		if s, ok := inner.(*parser.SubqueryExpr); ok {
			inner = unparen(s.Expr)
		} else if m, ok := inner.(*parser.MatrixSelector); ok {
			inner = m.VectorSelector
		}
		if vs, ok := inner.(*parser.VectorSelector); ok {
			if rules := q.Set.recorded[vs.Name]; len(rules) == 1 && rules[0].query() != nil {
				inner = unparen(rules[0].query().Expr)
			}
		}
		a, ok := aggregation(inner, parser.SUM)
		if !ok {
			return nil, nil, false
		}
		if c, ok := unparen(a.Expr).(*parser.Call); ok && (c.Func.Name == "rate" || c.Func.Name == "increase") {
			if m, ok := unparen(c.Args[0]).(*parser.MatrixSelector); ok {
				return n, m.VectorSelector.(*parser.VectorSelector), true
			}
		}
	}
	return nil, nil, false
}

// narrower reports whether one selector has series of one outcome of what another counts: the same counter by a label of its own,
// or a counter of a part. A catalog can say that a service begins all of them at 0.
func narrower(q *Query, part, whole *parser.VectorSelector) bool {
	if x, ok := q.Set.names()[part.Name]; ok && x.Metric.Initialised {
		return false
	}
	if part.Name != whole.Name {
		return q.Set.partOf(part.Name, whole.Name)
	}
	return slices.ContainsFunc(part.LabelMatchers, func(m *labels.Matcher) bool {
		return m.Name != model.MetricNameLabel && m.Name != catalog.Job.Name && m.Name != catalog.Instance.Name && !variable(m.Value) &&
			!slices.ContainsFunc(whole.LabelMatchers, func(o *labels.Matcher) bool { return o.Name == m.Name })
	})
}
