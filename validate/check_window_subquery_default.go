package validate

import (
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var windowSubqueryDefault = &Check{
	ID: "window/subquery-default", Severity: diag.Info, Title: "A subquery in a rule without a step",
	Why:     "Without a step a subquery takes the evaluation interval of the whole server, not that of its group: the same rule gives another result on another server.",
	Source:  promDocs + "basics/#subquery",
	Example: Example{PromQL, `max_over_time(sum(rate(app_requests_total[5m]))[1h:])`, `max_over_time(sum(rate(app_requests_total[5m]))[1h:1m])`},
	Query: func(q *Query, report Report) {
		if q.Rule == nil || q.Rule.Group.Grafana {
			return
		}
		eachOf(q, func(s *parser.SubqueryExpr) {
			if s.Step == 0 && s.StepExpr == nil {
				report.at(q.Position(s), "the step is the server's evaluation interval, whatever that is", "write one: [1h:1m]")
			}
		})
	},
}
