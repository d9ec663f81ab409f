package validate

import (
	"fmt"
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/unit"
)

var windowLookbackFlap = &Check{
	ID: "window/lookback-flap", Severity: diag.Warning, Title: "A recorded series that comes and goes",
	Why:     "A selector finds samples of the last five minutes. A series that is recorded less often than that is absent in between.",
	Source:  promDocs + "basics/#staleness",
	Example: Example{RuleFile, "groups:\n  - name: slow\n    interval: 10m\n    rules:\n      - record: job:up:sum\n        expr: sum by (job) (up)\n  - name: fast\n    rules:\n      - {alert: A, expr: 'absent(job:up:sum)', for: 1m}\n", "groups:\n  - name: slow\n    interval: 1m\n    rules:\n      - record: job:up:sum\n        expr: sum by (job) (up)\n  - name: fast\n    rules:\n      - {alert: A, expr: 'absent(job:up:sum)', for: 1m}\n"},
	Query: func(q *Query, report Report) {
		lookback := q.Set.Server.Lookback
		if lookback == 0 {
			lookback = 5 * time.Minute
		}
		ranged := map[parser.Expr]bool{}
		eachOf(q, func(m *parser.MatrixSelector) { ranged[m.VectorSelector] = true })
		eachOf(q, func(vs *parser.VectorSelector) {
			rs := q.Set.recorded[vs.Name]
			if len(rs) == 0 || ranged[vs] {
				return
			}
			for _, r := range rs {
				if r.Group.Interval <= lookback {
					return
				}
			}
			report.because(q.Position(vs), vs.Name+" is not there between two evaluations", fmt.Sprintf("it is recorded every %s, and a selector looks back %s", unit.Duration(rs[0].Group.Interval), unit.Duration(lookback)), "record it more often, or read last_over_time("+vs.Name+"["+unit.Duration(2*rs[0].Group.Interval)+"])")
		})
	},
}
