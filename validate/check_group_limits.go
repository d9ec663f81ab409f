package validate

import (
	"fmt"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/unit"
)

var groupLimits = &Check{
	ID: "group/limits", Severity: diag.Warning, Title: "A group beyond the project's bounds",
	Why:     "The rules of a group run one after the other, all within its interval. The project has set how many and how often.",
	Source:  "https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/",
	Example: Example{RuleFile, "groups:\n  - name: g\n    interval: 5s\n    rules:\n      - record: job:up:sum\n        expr: sum by (job) (up)\n", "groups:\n  - name: g\n    interval: 30s\n    rules:\n      - record: job:up:sum\n        expr: sum by (job) (up)\n"},
	Group: func(g *Group, report Report) {
		p := g.Set.Policy
		if g.Interval > 0 && p.Interval.outside(g.Interval) {
			report.because(g.Name.At(), "the group is evaluated every "+unit.Duration(g.Interval), "the project allows "+p.Interval.String(), "use an interval within the bounds")
		}
		if p.MaxRules > 0 && len(g.Rules) > p.MaxRules {
			report.because(g.Name.At(), fmt.Sprintf("the group has %d rules", len(g.Rules)), fmt.Sprintf("the project allows %d", p.MaxRules), "split it")
		}
	},
}
