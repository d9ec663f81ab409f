package validate

import (
	"fmt"
	"regexp"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/source"
)

var alertReject = &Check{
	ID: "alert/reject", Severity: diag.Warning, Title: "A value that the project does not allow",
	Why:     "The project has listed values of labels and annotations that no rule may have.",
	Source:  practices + "alerting/",
	Example: Example{Alert, "alert: A\nexpr: up == 0\nfor: 5m\nlabels:\n  severity: info", "alert: A\nexpr: up == 0\nfor: 5m\nlabels:\n  severity: warning"},
	Rule: func(r *Rule, report Report) {
		check := func(ps []source.Pair, rejected map[string]*regexp.Regexp) {
			for _, p := range ps {
				if re := rejected[p.Key.Value]; re != nil && re.MatchString(p.Value.Value) {
					report.at(p.Value.At(), fmt.Sprintf("the project does not allow %s: %s", p.Key.Value, p.Value.Value), "use another value")
				}
			}
		}
		check(r.Labels, r.Set.Policy.RejectedLabels)
		check(r.Annotations, r.Set.Policy.RejectedAnnotations)
	},
}
