package validate

import (
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var rangeSumZeroEmpty = &Check{
	ID: "range/sum-zero-empty", Severity: diag.Info, Title: "A sum that is empty where it should be 0",
	Why:     "A sum of series that do not exist is nothing, not 0, and nothing is not below any threshold: the alert is silent just when the events stop for good.",
	Source:  practices + "instrumentation/#avoid-missing-metrics",
	Example: Example{Alert, "alert: A\nexpr: sum(rate(app_requests_total{code=\"200\"}[5m])) < 0.1\nfor: 5m", "alert: A\nexpr: (sum(rate(app_requests_total{code=\"200\"}[5m])) or vector(0)) < 0.1\nfor: 5m"},
	Query: func(q *Query, report Report) {
		if q.Rule == nil || !q.Rule.IsAlert() {
			return
		}
		eachCondition(q, func(c condition) {
			a, ok := aggregation(c.value, parser.SUM)
			if !ok || !c.down() || len(a.Grouping) > 0 || a.Without {
				return
			}
			l, single := onlySelector(a)
			if !single || l.fn != "rate" && l.fn != "increase" {
				return
			}
			for _, m := range l.vs.LabelMatchers {
				if m.Name == "code" || m.Name == "status" || m.Name == "result" || m.Name == "outcome" || m.Name == "state" {
					report.because(q.Position(c.node), "while there is no series with "+m.String()+" the sum is empty and the alert silent", "a counter of one outcome begins with its first event", "write ("+short(a)+" or vector(0)) …")
					return
				}
			}
		})
	},
}
