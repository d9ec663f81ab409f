package validate

import (
	"github.com/obsgen/obsgen/diag"
)

var recordDuplicate = &Check{
	ID: "record/duplicate", Severity: diag.Error, Title: "A series that two rules record",
	Why:     "Both write the same series, with other values at the same time: Prometheus drops one of them, in no fixed order.",
	Source:  "https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/",
	Example: Example{RuleFile, "groups:\n  - name: g\n    rules:\n      - record: job:up:sum\n        expr: sum by (job) (up)\n      - record: job:up:sum\n        expr: sum by (job) (up)\n", "groups:\n  - name: g\n    rules:\n      - record: job:up:sum\n        expr: sum by (job) (up{job=\"a\"})\n      - record: job:up:sum\n        expr: sum by (job) (up{job=\"b\"})\n"},
	Set: func(s *Set, report Report) {
		for name, rs := range s.recorded {
			seen := map[string]*Rule{}
			for _, r := range rs {
				q := r.query()
				if q == nil {
					continue
				}
				key := r.Record.File().Path + "\x00" + q.Expr.String()
				for _, l := range r.Labels {
					key += "\x00" + l.Key.Value + "=" + l.Value.Value
				}
				if first, ok := seen[key]; ok {
					report(diag.Finding{At: r.Record.At(), Subject: name, Message: name + " is recorded twice by the same expression", Mend: "delete one of them",
						Related: []diag.Related{{At: first.Record.At(), Message: "the other one"}}})
					continue
				}
				seen[key] = r
			}
		}
	},
}
