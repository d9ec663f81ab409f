package docs

import (
	"slices"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/catalog"
)

// window is that of the queries that people paste into Prometheus's own page, which has no rate interval.
const window = "5m"

// look returns the query by which a person looks at a metric, by labels: the rate of a counter, the sum or maximum
// of a gauge, a quantile of a histogram.
func look(m *catalog.Metric, by []string) parser.Expr {
	by = slices.Clone(by)
	call := func(fn string, args ...parser.Expr) parser.Expr {
		return &parser.Call{Func: parser.Functions[fn], Args: args}
	}
	sum := func(op parser.ItemType, e parser.Expr) parser.Expr {
		return &parser.AggregateExpr{Op: op, Expr: e, Grouping: by}
	}
	rate := func(name string) parser.Expr {
		return call("rate", &parser.MatrixSelector{VectorSelector: selector(name)})
	}
	switch {
	case m.Kind == catalog.KindCounter:
		return sum(parser.SUM, rate(m.Name))
	case m.Classic():
		by = append([]string{model.BucketLabel}, by...)
		return call("histogram_quantile", &parser.NumberLiteral{Val: 0.95}, sum(parser.SUM, rate(m.Name+"_bucket")))
	case m.Kind == catalog.KindHistogram:
		return call("histogram_quantile", &parser.NumberLiteral{Val: 0.95}, sum(parser.SUM, rate(m.Name)))
	case m.Unit.IsState(), m.Unit.IsShare(), m.Unit.IsPoint():
		return sum(parser.MAX, selector(m.Name))
	default:
		return sum(parser.SUM, selector(m.Name))
	}
}

func selector(name string) *parser.VectorSelector {
	return &parser.VectorSelector{
		Name:          name,
		LabelMatchers: []*labels.Matcher{labels.MustNewMatcher(labels.MatchEqual, model.MetricNameLabel, name)},
	}
}
