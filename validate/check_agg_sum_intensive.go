package validate

import (
	"fmt"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/infer"
	"github.com/obsgen/obsgen/unit"
)

var aggSumIntensive = &Check{
	ID: "agg/sum-intensive", Severity: diag.Warning, Title: "A sum of what does not add up",
	Why:     "Temperatures, shares and quantiles of several series have a mean and a maximum, but their sum means nothing: four hosts of 50% are not 200% of anything.",
	Source:  practices + "instrumentation/",
	Example: Example{PromQL, `sum(app_fill_ratio)`, `avg(app_fill_ratio)`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(a *parser.AggregateExpr) {
			if a.Op != parser.SUM || totalled(q, a) {
				return
			}
			t := q.Table.Of(a.Expr)
			switch {
			case t.Metric == nil || t.Kind != infer.Gauge || t.Unit.IsState() || q.Touches(a):
			case t.Unit.IsPoint() && !t.Unit.SameDimension(unit.Timestamp): // of times unit/timepoint tells
				report.because(q.Position(a), short(a)+" adds up "+t.Unit.String(), "each of them is a point on a scale", "take avg() or max()")
			case t.Unit.IsShare() && t.Range.IsBounded():
				report.because(q.Position(a), short(a)+" adds up shares", fmt.Sprintf("each of them is in %s", t.Range), "take avg() or max()")
			}
		})
	},
}

// totalled reports whether a sum is divided by a count of the same series: an average, written out.
func totalled(q *Query, sum *parser.AggregateExpr) bool {
	found := false
	eachOf(q, func(b *parser.BinaryExpr) {
		if b.Op != parser.DIV || unparen(b.LHS) != parser.Expr(sum) {
			return
		}
		_, ok := aggregation(b.RHS, parser.COUNT)
		found = found || ok
	})
	return found
}
