package validate

import (
	"fmt"

	"github.com/obsgen/obsgen/diag"
)

var recordCycle = &Check{
	ID: "record/cycle", Severity: diag.Warning, Title: "Rules that read each other",
	Why:     "Each sees the value that the other had an evaluation ago: neither means what it says. Rules of several directories are taken for alternatives.",
	Source:  "https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/",
	Example: Example{RuleFile, "groups:\n  - name: g\n    rules:\n      - record: a:b:c\n        expr: d:e:f + 1\n      - record: d:e:f\n        expr: a:b:c + 1\n", "groups:\n  - name: g\n    rules:\n      - record: a:b:c\n        expr: up + 1\n      - record: d:e:f\n        expr: a:b:c + 1\n"},
	Set: func(s *Set, report Report) {
		const underway, done = 1, 2
		type place struct{ dir, name string }
		state := map[place]int{}
		var visit func(at place)
		visit = func(at place) {
			state[at] = underway
			for _, r := range s.recorded[at.name] {
				q := r.query()
				if q == nil || r.dir() != at.dir {
					continue
				}
				for _, n := range reads(q.Expr) {
					switch next := (place{at.dir, n}); {
					case n == at.name: // memory: x = foo or x
					case state[next] == underway:
						report(diag.Finding{At: r.Record.At(), Subject: at.name, Message: fmt.Sprintf("%s and %s read each other", at.name, n), Mend: "break the circle"})
					case state[next] == 0 && len(s.recorded[n]) > 0:
						visit(next)
					}
				}
			}
			state[at] = done
		}
		for _, g := range s.Groups {
			for _, r := range g.Rules {
				if at := (place{r.dir(), r.Record.Value}); at.name != "" && state[at] == 0 {
					visit(at)
				}
			}
		}
	},
}
