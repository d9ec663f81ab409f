package validate

import (
	"github.com/obsgen/obsgen/diag"
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
		for name, rs := range s.recorded {
			if !s.readers().reads(name) {
				report(diag.Finding{At: rs[0].Record.At(), Subject: name, Message: "nothing in these files reads " + name, Mend: "delete the rule, or excuse it with who reads it"})
			}
		}
	},
}
