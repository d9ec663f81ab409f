package validate

import (
	"fmt"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/unit"
)

var groupEvalOffset = &Check{
	ID: "group/eval-offset", Severity: diag.Error, Title: "An offset as long as the interval",
	Why:     "query_offset shifts what a group looks at into the past. Past a whole interval and more the rules look at data that is older than their last result.",
	Source:  "https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/",
	Example: Example{RuleFile, "groups:\n  - name: g\n    interval: 1m\n    query_offset: 1h\n    rules:\n      - record: job:up:sum\n        expr: sum by (job) (up)\n", "groups:\n  - name: g\n    interval: 1m\n    query_offset: 30s\n    rules:\n      - record: job:up:sum\n        expr: sum by (job) (up)\n"},
	Group: func(g *Group, report Report) {
		if g.Interval > 0 && g.Offset > 10*g.Interval {
			report.at(g.Name.At(), fmt.Sprintf("the group looks %s back, and runs every %s", unit.Duration(g.Offset), unit.Duration(g.Interval)), "use an offset that covers the delay of the samples and no more")
		}
	},
}
