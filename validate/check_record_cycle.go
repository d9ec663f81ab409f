package validate

import (
	"fmt"

	"github.com/obsgen/obsgen/diag"
)

var recordCycle = &Check{
	ID: "record/cycle", Severity: diag.Error, Title: "Rules that read each other",
	Why:     "Each sees the value that the other had an evaluation ago: neither means what it says.",
	Source:  "https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/",
	Example: Example{RuleFile, "groups:\n  - name: g\n    rules:\n      - record: a:b:c\n        expr: d:e:f + 1\n      - record: d:e:f\n        expr: a:b:c + 1\n", "groups:\n  - name: g\n    rules:\n      - record: a:b:c\n        expr: up + 1\n      - record: d:e:f\n        expr: a:b:c + 1\n"},
	Set: func(s *Set, report Report) {
		const underway, done = 1, 2
		state := map[string]int{}
		var visit func(name string)
		visit = func(name string) {
			state[name] = underway
			for _, r := range s.recorded[name] {
				q := r.query()
				if q == nil {
					continue
				}
				for _, n := range reads(q.Expr) {
					switch {
					case n == name: // memory: x = foo or x
					case state[n] == underway:
						report(diag.Finding{At: r.Record.At(), Subject: name, Message: fmt.Sprintf("%s and %s read each other", name, n), Mend: "break the circle"})
					case state[n] == 0 && len(s.recorded[n]) > 0:
						visit(n)
					}
				}
			}
			state[name] = done
		}
		for _, g := range s.Groups {
			for _, r := range g.Rules {
				if n := r.Record.Value; n != "" && state[n] == 0 {
					visit(n)
				}
			}
		}
	},
}
