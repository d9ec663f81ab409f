package validate

import (
	"github.com/obsgen/obsgen/diag"
)

var syntaxPromql = &Check{
	ID: "syntax/promql", Severity: diag.Error, Title: "An expression that does not parse",
	Why:     "Prometheus refuses the rule file, Grafana shows an error instead of the panel.",
	Source:  promDocs + "basics/",
	Example: Example{PromQL, `sum(rate(app_requests_total[5m])`, `sum(rate(app_requests_total[5m]))`},
	Set: func(s *Set, report Report) {
		for _, q := range s.all {
			if q.Fault != nil {
				report(diag.Finding{At: q.Fault.At, Subject: q.subject(), Message: q.Fault.Message, Mend: "mend the expression"})
			}
		}
	},
}
