package validate

import (
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/unit"
)

var windowMax = &Check{
	ID: "window/max", Severity: diag.Warning, Title: "A window longer than the project allows",
	Why:     "A long window reads all of its samples at every evaluation. The project has set a limit.",
	Source:  practices + "rules/",
	Example: Example{PromQL, `rate(app_requests_total[32d])`, `rate(app_requests_total[1d])`},
	Query: func(q *Query, report Report) {
		most := q.Set.Policy.MaxWindow
		if most == 0 {
			return
		}
		eachOf(q, func(m *parser.MatrixSelector) {
			if m.Range > most && !q.VariableWindow(m) {
				report.because(q.Position(m), "the window is "+unit.Duration(m.Range), "the project allows "+unit.Duration(most), "record the rate and average that")
			}
		})
	},
}
