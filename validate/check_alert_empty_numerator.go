package validate

import (
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/infer"
)

var alertEmptyNumerator = &Check{
	ID: "alert/empty-numerator", Severity: diag.Warning, Title: "A share of successes that is empty when all fail",
	Why:     "While nothing succeeds there may be no series of successes, and then no share: the alert is silent at the worst moment. One less the share of failures is 0 then.",
	Source:  workbook,
	Example: Example{Alert, "alert: A\nexpr: sum(rate(app_requests_total{code=~\"2..\"}[5m])) / sum(rate(app_requests_total[5m])) < 0.99\nfor: 5m", "alert: A\nexpr: 1 - sum(rate(app_requests_total{code=~\"5..\"}[5m])) / sum(rate(app_requests_total[5m])) < 0.99\nfor: 5m"},
	Query: func(q *Query, report Report) {
		if q.Rule == nil || !q.Rule.IsAlert() {
			return
		}
		eachCondition(q, func(c condition) {
			b, ok := quotient(c.value)
			if !ok || !c.down() {
				return
			}
			l, okL := aggregation(b.LHS, parser.SUM)
			_, okR := denominator(b.RHS)
			if !okL || !okR {
				return
			}
			a, okA := onlySelector(l)
			w, okW := onlySelector(b.RHS)
			if okA && okW && perSecond(l) && a.vs.Name == w.vs.Name && len(a.vs.LabelMatchers) > len(w.vs.LabelMatchers) && q.Table.Of(l).Empty != infer.Never {
				report.because(q.Position(l), "while nothing is counted here the share is empty and the alert silent", "a counter of one outcome may not be there yet", "write 1 - the share of the failures, or ("+short(l)+" or vector(0))")
			}
		})
	},
}
