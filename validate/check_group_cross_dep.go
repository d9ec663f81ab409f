package validate

import (
	"slices"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var groupCrossDep = &Check{
	ID: "group/cross-dep", Severity: diag.Info, Title: "A rule that reads what another group records",
	Why:     "Groups run at times of their own: the rule sees the other's series up to an interval late, and right after a start not at all. Within one group, behind the rule that records it, it is current.",
	Source:  "https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/",
	Example: Example{RuleFile, "groups:\n  - name: a\n    rules:\n      - record: job:up:sum\n        expr: sum by (job) (up)\n  - name: b\n    rules:\n      - record: all:up:sum\n        expr: sum(job:up:sum)\n", "groups:\n  - name: a\n    rules:\n      - record: job:up:sum\n        expr: sum by (job) (up)\n      - record: all:up:sum\n        expr: sum(job:up:sum)\n"},
	Rule: func(r *Rule, report Report) {
		q := r.query()
		if q == nil || r.Record.IsZero() {
			return
		}
		eachOf(q, func(vs *parser.VectorSelector) {
			rs := r.Set.recorded[vs.Name]
			if len(rs) == 0 || slices.ContainsFunc(rs, func(x *Rule) bool { return x.Group == r.Group || x.Group.File != r.Group.File }) {
				return
			}
			report(diag.Finding{At: q.Position(vs), Message: vs.Name + " is recorded in the group " + rs[0].Group.Name.Value + ", and read up to an interval late", Mend: "put both rules into one group",
				Related: []diag.Related{{At: rs[0].Record.At(), Message: "recorded here"}}})
		})
	},
}
