package validate

import (
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var alertAbsentNoFor = &Check{
	ID: "alert/absent-no-for", Severity: diag.Warning, Title: "An absence that is not waited for",
	Why:     "After a restart of Prometheus, or at one failed scrape, a series is absent for a moment. Without for the alert fires at once.",
	Source:  promDocs + "functions/#absent",
	Example: Example{Alert, "alert: A\nexpr: absent(up{job=\"app\"})", "alert: A\nexpr: absent(up{job=\"app\"})\nfor: 5m"},
	Rule: func(r *Rule, report Report) {
		q := r.query()
		if !r.IsAlert() || q == nil || r.HasFor || r.Group.Grafana {
			return
		}
		if c, ok := unparen(q.Expr).(*parser.Call); ok && c.Func.Name == "absent" {
			report.at(q.Position(c), "the alert does not wait: a series is absent for a moment after every restart", "give the alert a for of some minutes")
		}
	},
}
