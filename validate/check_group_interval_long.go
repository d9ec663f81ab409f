package validate

import (
	"fmt"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/unit"
)

var groupIntervalLong = &Check{
	ID: "group/interval-long", Severity: diag.Warning, Title: "A group evaluated less often than Prometheus looks back",
	Why:     "A recorded series is found for five minutes after it was written. Recorded less often it is absent in between to all that reads one sample of it, such as a panel.",
	Source:  promDocs + "basics/#staleness",
	Example: Example{RuleFile, "groups:\n  - name: g\n    interval: 10m\n    rules:\n      - record: job:up:sum\n        expr: sum by (job) (up)\n", "groups:\n  - name: g\n    interval: 5m\n    rules:\n      - record: job:up:sum\n        expr: sum by (job) (up)\n"},
	Group: func(g *Group, report Report) {
		lookback := g.Set.lookback()
		if g.Interval <= lookback || g.Grafana {
			return
		}
		for _, r := range g.Rules {
			// Whatever reads it in these files is reported itself, where it does not look back further.
			if name := r.Record.Value; name != "" && !g.Set.readers().reads(name) {
				report.because(g.Name.At(), name+", which the group records, is absent between two evaluations", fmt.Sprintf("the group is evaluated every %s, and a selector looks back %s", unit.Duration(g.Interval), unit.Duration(lookback)), "evaluate it at least every "+unit.Duration(lookback))
				return
			}
		}
	},
}
