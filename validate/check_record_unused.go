package validate

import (
	"slices"
	"strings"

	"github.com/obsgen/obsgen/diag"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

var recordUnused = &Check{
	ID: "record/unused", Severity: diag.Info, Title: "A recorded series that nothing reads",
	Why:     "It costs an evaluation at every interval, and storage, for nobody. Other readers, outside of the files that are checked, are not seen.",
	Source:  practices + "rules/",
	Example: Example{RuleFile, "groups:\n  - name: g\n    rules:\n      - record: job:up:sum\n        expr: sum by (job) (up)\n      - {alert: A, expr: up == 0, for: 5m}\n", "groups:\n  - name: g\n    rules:\n      - record: job:up:sum\n        expr: sum by (job) (up)\n      - {alert: A, expr: 'job:up:sum == 0', for: 5m}\n"},
	Set: func(s *Set, report Report) {
		if len(s.alerts) == 0 && len(s.Dashboards) == 0 {
			return // who reads them is elsewhere
		}
		used := map[string]bool{}
		var patterns []*labels.Matcher
		for _, q := range s.Queries {
			eachOf(q, func(vs *parser.VectorSelector) {
				used[vs.Name] = true
				for _, m := range vs.LabelMatchers {
					if m.Name == model.MetricNameLabel && m.Type != labels.MatchEqual {
						patterns = append(patterns, m)
					}
				}
			})
		}
		for _, d := range s.Dashboards {
			for _, v := range d.Variables {
				for _, word := range strings.FieldsFunc(v.Query.Value, func(r rune) bool { return !wordRune(r) }) {
					used[word] = true
				}
			}
		}
		for name, rs := range s.recorded {
			if used[name] || slices.ContainsFunc(patterns, func(m *labels.Matcher) bool { return m.Matches(name) }) {
				continue
			}
			report(diag.Finding{At: rs[0].Record.At(), Subject: name, Message: "nothing in these files reads " + name, Mend: "delete the rule, or excuse it with who reads it"})
		}
	},
}
