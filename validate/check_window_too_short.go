package validate

import (
	"fmt"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/unit"
)

var windowTooShort = &Check{
	ID: "window/too-short", Severity: diag.Error, Title: "A window with too few samples",
	Why:     "A rate needs two samples in its window. Below two scrape intervals it is empty, below four one lost scrape empties it.",
	Source:  promDocs + "functions/#rate",
	Example: Example{PromQL, `rate(app_requests_total[10s])`, `rate(app_requests_total[5m])`},
	Query: func(q *Query, report Report) {
		every := q.Set.ScrapeInterval
		if every == 0 {
			return
		}
		eachOf(q, func(m *parser.MatrixSelector) {
			if m.Range > 0 && m.Range < 2*every && !q.VariableWindow(m) {
				report.because(q.Position(m), fmt.Sprintf("the window of %s holds fewer than two samples", unit.Duration(m.Range)),
					"targets are scraped every "+unit.Duration(every), "use "+unit.Duration(4*every)+" or more")
			}
		})
	},
}
