package validate

import (
	"fmt"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/unit"
)

var windowRecorded = &Check{
	ID: "window/recorded", Severity: diag.Error, Title: "A window with too few recorded samples",
	Why:     "A recorded series has one sample for each evaluation of its group. A rate needs two in its window.",
	Source:  promDocs + "functions/#rate",
	Example: Example{RuleFile, "groups:\n  - name: g\n    interval: 5m\n    rules:\n      - record: job:app_queue_length:sum\n        expr: sum by (job) (app_queue_length)\n      - record: job:app_queue_length:deriv\n        expr: deriv(job:app_queue_length:sum[5m])\n", "groups:\n  - name: g\n    interval: 1m\n    rules:\n      - record: job:app_queue_length:sum\n        expr: sum by (job) (app_queue_length)\n      - record: job:app_queue_length:deriv\n        expr: deriv(job:app_queue_length:sum[5m])\n"},
	Query: func(q *Query, report Report) {
		eachWindow(q, func(w windowed) {
			for _, r := range q.Set.recorded[w.vs.Name] {
				if every := r.Group.Interval; every > 0 && w.matrix.Range > 0 && w.matrix.Range < 2*every && needsTwo[w.fn] && !q.VariableWindow(w.matrix) {
					report.because(q.Position(w.matrix), fmt.Sprintf("the window of %s holds fewer than two samples of %s", unit.Duration(w.matrix.Range), w.vs.Name),
						"its group is evaluated every "+unit.Duration(every), "use "+unit.Duration(4*every)+" or more")
					return
				}
			}
		})
	},
}
