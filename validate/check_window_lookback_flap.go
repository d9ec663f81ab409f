package validate

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/unit"
)

var windowLookbackFlap = &Check{
	ID: "window/lookback-flap", Severity: diag.Warning, Title: "A recorded series that comes and goes",
	Why:     "A selector finds samples of the last five minutes. A series that is recorded less often than that is absent in between, but for the rules behind it in its own group.",
	Source:  promDocs + "basics/#staleness",
	Example: Example{RuleFile, "groups:\n  - name: slow\n    interval: 10m\n    rules:\n      - record: job:up:sum\n        expr: sum by (job) (up)\n  - name: fast\n    rules:\n      - {alert: A, expr: 'absent(job:up:sum)', for: 1m}\n", "groups:\n  - name: slow\n    interval: 1m\n    rules:\n      - record: job:up:sum\n        expr: sum by (job) (up)\n  - name: fast\n    rules:\n      - {alert: A, expr: 'absent(job:up:sum)', for: 1m}\n"},
	Query: func(q *Query, report Report) {
		for _, vs := range q.instant() {
			rs := q.Set.recorded[vs.Name]
			if len(rs) == 0 || slices.ContainsFunc(rs, func(r *Rule) bool { return r.Group.Interval <= q.Set.lookback() || q.follows(r) }) {
				continue
			}
			every := unit.Duration(rs[0].Group.Interval)
			report.because(q.Position(vs), vs.Name+" is absent between two evaluations", fmt.Sprintf("it is recorded every %s, and a selector looks back %s", every, unit.Duration(q.Set.lookback())), "record it more often, or read last_over_time("+vs.Name+"["+unit.Duration(2*rs[0].Group.Interval)+"])")
		}
	},
}

// lookback returns how old a sample may be that an instant selector finds.
func (s *Set) lookback() time.Duration {
	return cmp.Or(s.Server.Lookback, 5*time.Minute)
}

// instant returns the selectors of a query that find one sample, and no window of them.
func (q *Query) instant() []*parser.VectorSelector {
	ranged := map[parser.Expr]bool{}
	eachOf(q, func(m *parser.MatrixSelector) { ranged[m.VectorSelector] = true })
	var out []*parser.VectorSelector
	eachOf(q, func(vs *parser.VectorSelector) {
		if !ranged[vs] {
			out = append(out, vs)
		}
	})
	return out
}

// follows reports whether a query is evaluated right behind a rule, in the same evaluation of their group.
func (q *Query) follows(r *Rule) bool {
	return q.Rule != nil && q.Rule.Group == r.Group && slices.Index(r.Group.Rules, r) < slices.Index(r.Group.Rules, q.Rule)
}
