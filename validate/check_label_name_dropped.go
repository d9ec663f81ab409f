package validate

import (
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/query"
)

var labelNameDropped = &Check{
	ID: "label/name-dropped", Severity: diag.Error, Title: "The name of the metric, after it is gone",
	Why:     "Functions, arithmetic and aggregations drop the name of the metric: the label __name__ is empty afterwards.",
	Source:  promDocs + "functions/",
	Example: Example{PromQL, `sum by (__name__) (rate(app_requests_total[5m]))`, `count by (__name__) (app_requests_total)`},
	Query: func(q *Query, report Report) {
		if slices.Contains(q.Set.Server.Features, query.DelayedNameRemoval) {
			return
		}
		eachOf(q, func(a *parser.AggregateExpr) {
			if a.Without || !slices.Contains(a.Grouping, model.MetricNameLabel) {
				return
			}
			if inner := unparen(a.Expr); nameless(inner) {
				report.because(q.Within(a, model.MetricNameLabel), "there is no name left to group by", short(inner)+" drops it", "drop __name__ from the grouping")
			}
		})
		if q.Rule == nil {
			return
		}
		for _, p := range q.Rule.Annotations {
			if i := strings.Index(p.Value.Value, "$labels.__name__"); i >= 0 && nameless(q.Expr) {
				report.at(p.Value.Position(i, i+len("$labels.__name__")), "the result has no name any more", "write the name")
			}
		}
	},
}

// nameless reports whether what an expression gives has surely lost the name of the metric.
func nameless(e parser.Expr) bool {
	switch n := unparen(e).(type) {
	case *parser.Call:
		switch n.Func.Name {
		case "last_over_time", "first_over_time", "label_replace", "label_join", "info", "sort", "sort_desc", "sort_by_label", "sort_by_label_desc":
			return false
		}
		return true
	case *parser.AggregateExpr:
		switch n.Op {
		case parser.TOPK, parser.BOTTOMK, parser.LIMITK, parser.LIMIT_RATIO:
			return nameless(n.Expr)
		}
		return !slices.Contains(n.Grouping, model.MetricNameLabel)
	case *parser.BinaryExpr:
		return !n.Op.IsComparisonOperator() && !n.Op.IsSetOperator() || n.ReturnBool
	}
	return false
}
