package validate

import (
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var nameNoMetricName = &Check{
	ID: "name/no-metric-name", Severity: diag.Warning, Title: "A selector without a metric",
	Why:     "A selector by labels alone reads every metric that has them: slow, and a sum of unlike things.",
	Source:  promDocs + "basics/#instant-vector-selectors",
	Example: Example{PromQL, `sum({job="app"})`, `sum(up{job="app"})`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(vs *parser.VectorSelector) {
			if vs.Name != "" || q.Touches(vs) {
				return
			}
			for _, m := range vs.LabelMatchers {
				if m.Name == model.MetricNameLabel {
					return
				}
			}
			report.at(q.Position(vs), "the selector names no metric", "name one, or a set of them by __name__")
		})
	},
}
