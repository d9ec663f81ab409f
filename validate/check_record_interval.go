package validate

import (
	"fmt"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/unit"
)

var recordInterval = &Check{
	ID: "record/interval", Severity: diag.Info, Title: "A rule that runs more often than what it reads",
	Why:     "Between two evaluations of the rule that records its input nothing changes: it computes the same result again, and a rate over it is empty or jumps.",
	Source:  "https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/",
	Example: Example{RuleFile, "groups:\n  - name: slow\n    interval: 5m\n    rules:\n      - record: job:up:sum\n        expr: sum by (job) (up)\n  - name: fast\n    interval: 15s\n    rules:\n      - record: all:up:sum\n        expr: sum(job:up:sum)\n", "groups:\n  - name: slow\n    interval: 5m\n    rules:\n      - record: job:up:sum\n        expr: sum by (job) (up)\n  - name: also-slow\n    interval: 5m\n    rules:\n      - record: all:up:sum\n        expr: sum(job:up:sum)\n"},
	Rule: func(r *Rule, report Report) {
		q := r.query()
		if q == nil || r.Record.IsZero() || r.Group.Interval == 0 {
			return
		}
		eachOf(q, func(vs *parser.VectorSelector) {
			for _, x := range r.Set.recorded[vs.Name] {
				if x.Group.Interval > r.Group.Interval {
					report(diag.Finding{At: q.Position(vs), Message: fmt.Sprintf("%s changes every %s, and is read every %s", vs.Name, unit.Duration(x.Group.Interval), unit.Duration(r.Group.Interval)), Mend: "run both at one interval",
						Related: []diag.Related{{At: x.Record.At(), Message: "recorded here"}}})
					return
				}
			}
		})
	},
}
