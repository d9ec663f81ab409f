package validate

import (
	"slices"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/source"
)

var syntaxPromql = &Check{
	ID: "syntax/promql", Severity: diag.Error, Title: "An expression that does not parse",
	Why:     "Prometheus refuses the rule file, Grafana shows an error instead of the panel.",
	Source:  promDocs + "basics/",
	Example: Example{PromQL, `sum(rate(app_requests_total[5m])`, `sum(rate(app_requests_total[5m]))`},
	Set: func(s *Set, report Report) {
		metricsQL := slices.ContainsFunc(s.all, func(q *Query) bool { return q.Left == source.LeftMetricsQL })
		for _, q := range s.all {
			switch f := q.Fault; {
			case f == nil:
			case f.Unsure:
				report(diag.Finding{ID: syntaxVariable.ID, At: f.At, Subject: q.subject(), Message: "the expression does not parse with a usual value of its variables: " + f.Message, Mend: "check it with the values that the variables can have"})
			case metricsQL && q.Rule == nil && f.MetricsQL:
				report(diag.Finding{ID: syntaxMetricsql.ID, At: f.At, Subject: q.subject(), Message: "Prometheus refuses the expression: " + f.Message, Why: "other expressions here are in MetricsQL, in which it may be right", Mend: "write it so that both take it, or query VictoriaMetrics alone"})
			default:
				report(diag.Finding{At: f.At, Subject: q.subject(), Message: f.Message, Mend: "mend the expression"})
			}
		}
	},
}
