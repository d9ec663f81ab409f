package validate

import (
	"strings"
	"time"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/unit"
)

var recordIncrease = &Check{
	ID: "record/increase", Severity: diag.Info, Title: "A long window that is read at every evaluation",
	Why:     "An increase over days reads all of its samples each time the rule runs. A rate over minutes is recorded cheaply, and its average over days is the same.",
	Source:  practices + "rules/",
	Example: Example{PromQL, `increase(app_requests_total[30d])`, `increase(app_requests_total[1h])`},
	Query: func(q *Query, report Report) {
		if q.Rule == nil || q.Rule.Record.IsZero() {
			return
		}
		eachWindow(q, func(w windowed) {
			if (w.fn == "increase" || w.fn == "rate") && w.matrix.Range >= 7*24*time.Hour && !strings.Contains(w.vs.Name, ":") {
				report.at(q.Position(w.matrix), "every evaluation reads "+unit.Duration(w.matrix.Range)+" of samples", "record the rate over 5m, and average that")
			}
		})
	},
}
