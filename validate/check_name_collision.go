package validate

import (
	"slices"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var nameCollision = &Check{
	ID: "name/collision", Severity: diag.Info, Title: "Two metrics of one set of labels",
	Why:     "The function drops the name of the metric. Where two of the selected metrics have the same labels the evaluation fails: vector cannot contain metrics with the same labelset.",
	Source:  promDocs + "functions/",
	Example: Example{PromQL, `rate({__name__=~"app_errors_total|app_retries_total"}[5m])`, `sum by (method) (rate(app_errors_total[5m]))`},
	Query: func(q *Query, report Report) {
		summed := map[parser.Expr]bool{}
		eachOf(q, func(a *parser.AggregateExpr) { each(a.Expr, func(c *parser.Call) { summed[c] = true }) })
		eachOf(q, func(c *parser.Call) {
			l, ok := onlySelector(c)
			if !ok || summed[c] || !slices.Contains([]string{"rate", "irate", "increase", "delta", "deriv", "changes"}, c.Func.Name) || l.vs.Name != "" {
				return
			}
			for _, m := range l.vs.LabelMatchers {
				if m.Name == model.MetricNameLabel && m.Type == labels.MatchRegexp && !variable(m.Value) && len(m.SetMatches()) > 1 {
					report.at(q.Position(c), "without their names two of the metrics can have the same labels, which is an error", "aggregate them, or use one query each")
				}
			}
		})
	},
}
