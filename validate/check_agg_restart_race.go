package validate

import (
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/diag"
)

var aggRestartRace = &Check{
	ID: "agg/restart-race", Severity: diag.Info, Title: "Two jobs compared without a wait",
	Why:     "After a restart one of the two is scraped first, and for a moment the other is missing or small: the alert fires at every deployment.",
	Source:  practices + "alerting/",
	Example: Example{Alert, "alert: A\nexpr: sum(app_queue_length{job=\"x\"}) / sum(app_queue_length{job=\"y\"}) > 1", "alert: A\nexpr: sum(app_queue_length{job=\"x\"}) / sum(app_queue_length{job=\"y\"}) > 1\nfor: 5m"},
	Rule: func(r *Rule, report Report) {
		q := r.query()
		if !r.IsAlert() || q == nil || r.HasFor || r.Group.Grafana {
			return
		}
		eachOf(q, func(b *parser.BinaryExpr) {
			if b.Op.IsSetOperator() || b.LHS.Type() != parser.ValueTypeVector || b.RHS.Type() != parser.ValueTypeVector {
				return
			}
			l, okL := onlySelector(b.LHS)
			x, okR := onlySelector(b.RHS)
			if !okL || !okR {
				return
			}
			lj, rj := jobOf(l.vs), jobOf(x.vs)
			if lj != "" && rj != "" && lj != rj {
				report.because(q.Position(b), "the alert compares two jobs and does not wait", "after a restart one of them is there before the other", "give the alert a for of some minutes")
			}
		})
	},
}

// jobOf returns the job that a selector names, "" where it names none or several.
func jobOf(vs *parser.VectorSelector) string {
	for _, m := range vs.LabelMatchers {
		if m.Name == catalog.Job.Name && m.Type == labels.MatchEqual && !variable(m.Value) {
			return m.Value
		}
	}
	return ""
}
