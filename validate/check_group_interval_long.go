package validate

import (
	"fmt"
	"slices"
	"time"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/unit"
)

var groupIntervalLong = &Check{
	ID: "group/interval-long", Severity: diag.Warning, Title: "A group evaluated less often than Prometheus looks back",
	Why:     "A recorded series is found for five minutes after it was written. Recorded less often it is absent in between; an alert is resolved and fires again.",
	Source:  promDocs + "basics/#staleness",
	Example: Example{RuleFile, "groups:\n  - name: g\n    interval: 10m\n    rules:\n      - record: job:up:sum\n        expr: sum by (job) (up)\n", "groups:\n  - name: g\n    interval: 5m\n    rules:\n      - record: job:up:sum\n        expr: sum by (job) (up)\n"},
	Group: func(g *Group, report Report) {
		lookback := g.Set.Server.Lookback
		if lookback == 0 {
			lookback = 5 * time.Minute
		}
		if g.Interval <= lookback || g.Grafana || !slices.ContainsFunc(g.Rules, func(r *Rule) bool { return !r.Record.IsZero() || r.KeepFiringFor < g.Interval }) {
			return
		}
		report.because(g.Name.At(), "what the group records is absent between two evaluations", fmt.Sprintf("it is evaluated every %s, and a selector looks back %s", unit.Duration(g.Interval), unit.Duration(lookback)), "evaluate it at least every "+unit.Duration(lookback))
	},
}
