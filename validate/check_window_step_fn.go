package validate

import (
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var windowStepFn = &Check{
	ID: "window/step-fn", Severity: diag.Error, Title: "A window of the step, where there is none",
	Why:     "A rule and an instant query have no step: step() and range() are 0 there, and a window of 0 is an error at every evaluation.",
	Source:  promDocs + "basics/#time-durations",
	Example: Example{PromQL, `rate(app_requests_total[step()])`, `rate(app_requests_total[5m])`},
	Query: func(q *Query, report Report) {
		if q.Rule == nil && (q.Target == nil || !q.Target.Instant) {
			return
		}
		check := func(at parser.Node, d *parser.DurationExpr) {
			if d != nil && (d.Op == parser.STEP || d.Op == parser.RANGE) {
				report.at(q.Position(at), "there is no step here: the window is 0, and the evaluation fails", "write a duration")
			}
		}
		eachOf(q, func(m *parser.MatrixSelector) { check(m, m.RangeExpr) })
		eachOf(q, func(s *parser.SubqueryExpr) {
			check(s, s.RangeExpr)
			check(s, s.StepExpr)
		})
	},
}
