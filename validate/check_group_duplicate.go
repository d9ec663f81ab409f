package validate

import (
	"fmt"
	"slices"

	"github.com/obsgen/obsgen/diag"
)

var groupDuplicate = &Check{
	ID: "group/duplicate", Severity: diag.Error, Title: "Two groups of one name",
	Why:     "Prometheus refuses a file with two groups of one name.",
	Source:  "https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/#rule_group",
	Example: Example{RuleFile, "groups:\n  - name: g\n    rules:\n      - record: a:b:c\n        expr: up\n  - name: g\n    rules:\n      - record: a:b:d\n        expr: up\n", "groups:\n  - name: g\n    rules:\n      - record: a:b:c\n        expr: up\n  - name: h\n    rules:\n      - record: a:b:d\n        expr: up\n"},
	Set: func(s *Set, report Report) {
		for _, d := range s.Documents {
			var seen []string
			for _, g := range d.Groups {
				if g.Grafana || g.Name.IsZero() {
					continue
				}
				key := fmt.Sprint(g.Part, " ", g.Name.Value)
				if slices.Contains(seen, key) {
					report(diag.Finding{At: g.Name.At(), Subject: g.Name.Value, Message: "the file has two groups " + g.Name.Value, Mend: "rename one of them"})
				}
				seen = append(seen, key)
			}
		}
	},
}
