package validate

import (
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/catalog/external"
	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/infer"
)

var alertNoAbsenceGuard = &Check{
	ID: "alert/no-absence-guard", Severity: diag.Info, Title: "A low value that nobody misses when it is gone",
	Why:     "A metric that is gone is not below any threshold. When its exporter goes down with the service, the alert on its low value is silent.",
	Source:  practices + "alerting/#metamonitoring",
	Example: Example{RuleFile, "groups:\n  - name: g\n    rules:\n      - {alert: A, expr: app_queue_length < 1, for: 5m}\n", "groups:\n  - name: g\n    rules:\n      - {alert: A, expr: app_queue_length < 1, for: 5m}\n      - {alert: B, expr: absent(app_queue_length), for: 5m}\n"},
	Set: func(s *Set, report Report) {
		guarded, any := map[string]bool{}, false
		for _, q := range s.Queries {
			if q.Rule == nil || !q.Rule.IsAlert() {
				continue
			}
			eachOf(q, func(c *parser.Call) {
				if c.Func.Name == "absent" || c.Func.Name == "absent_over_time" {
					for _, n := range reads(c) {
						guarded[n] = true
					}
				}
			})
			for _, n := range reads(q.Expr) {
				any = any || n == external.Up.Name
			}
		}
		if any {
			return // an alert on up tells when a target is gone
		}
		for _, g := range s.Groups {
			for _, r := range g.Rules {
				q := r.query()
				if q == nil || !r.IsAlert() {
					continue
				}
				c, ok := conditionOf(q, q.Expr)
				vs, isSelector := unparen(c.value).(*parser.VectorSelector)
				if ok && c.down() && isSelector && !guarded[vs.Name] && q.Table.Of(vs).Empty != infer.Never && len(s.recorded[vs.Name]) == 0 {
					report(diag.Finding{At: q.Position(c.node), Subject: r.Alert.Value, Message: "when " + vs.Name + " is gone nobody is told", Mend: "add an alert on absent(" + vs.Name + "), or on up == 0 of its job"})
				}
			}
		}
	},
}
