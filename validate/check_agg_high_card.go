package validate

import (
	"fmt"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var aggHighCard = &Check{
	ID: "agg/high-card", Severity: diag.Warning, Title: "An aggregation into very many series",
	Why:     "The catalog bounds how many values each label has. By these labels the result has more series than the project allows of one query.",
	Source:  practices + "naming/#labels",
	Example: Example{PromQL, `sum by (method, code, job) (rate(app_requests_total[5m]))`, `sum by (method) (rate(app_requests_total[5m]))`},
	Query: func(q *Query, report Report) {
		most := q.Set.Policy.MaxSeries
		if most <= 0 {
			return
		}
		eachOf(q, func(a *parser.AggregateExpr) {
			n := bounded(q.Table.Of(a))
			if a.Op == parser.TOPK || a.Op == parser.BOTTOMK || a.Op == parser.LIMITK {
				return
			}
			if n > most {
				report.because(q.Position(a), fmt.Sprintf("%s has up to %d series of a target", short(a), n), fmt.Sprintf("the project allows %d", most), "group by fewer labels")
			}
		})
	},
}
