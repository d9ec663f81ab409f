package validate

import (
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var timeNeverRan = &Check{
	ID: "time/never-ran", Severity: diag.Info, Title: "An age since 1970",
	Why:     "A timestamp of something that has not happened yet is 0, and its age then 56 years: the alert fires as soon as the process starts.",
	Source:  practices + "instrumentation/#timestamps-not-time-since",
	Example: Example{Alert, "alert: A\nexpr: time() - app_start_timestamp_seconds > 3600\nfor: 5m", "alert: A\nexpr: time() - (app_start_timestamp_seconds > 0) > 3600\nfor: 5m"},
	Query: func(q *Query, report Report) {
		if q.Rule == nil || !q.Rule.IsAlert() {
			return
		}
		eachCondition(q, func(c condition) {
			b, ok := unparen(c.value).(*parser.BinaryExpr)
			if !ok || b.Op != parser.SUB || !c.up() {
				return
			}
			vs, isSelector := unparen(b.RHS).(*parser.VectorSelector)
			if _, now := call(b.LHS, "time"); !now || !isSelector {
				return
			}
			t := q.Table.Of(vs)
			if t.Metric == nil || !t.Unit.IsPoint() || !t.Range.Contains(0) {
				return
			}
			guarded := false
			eachCondition(q, func(g condition) {
				if x, ok := unparen(g.value).(*parser.VectorSelector); ok && x.Name == vs.Name && (g.up() || g.op == parser.NEQ) {
					guarded = true
				}
			})
			if !guarded {
				report.because(q.Position(c.node), "before it has happened for the first time the age is that of 1970", t.Metric.Name+" can be 0", "add and "+vs.Name+" > 0, or state the gauge's range")
			}
		})
	},
}
