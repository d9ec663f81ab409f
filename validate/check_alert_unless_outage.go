package validate

import (
	"slices"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/catalog/external"
	"github.com/obsgen/obsgen/diag"
)

var alertUnlessOutage = &Check{
	ID: "alert/unless-outage", Severity: diag.Info, Title: "An exception that an outage takes away",
	Why:     "unless lets everything through while its right side has no series: when the exporter of that side is down the alert fires for all.",
	Source:  promDocs + "operators/#logical-set-binary-operators",
	Example: Example{Alert, "alert: A\nexpr: app_queue_length > 10 unless on (instance) app_mode == 2\nfor: 5m", "alert: A\nexpr: app_queue_length > 10 unless on (instance) app_mode == 2 and on (instance) app_mode\nfor: 5m"},
	Rule: func(r *Rule, report Report) {
		q := r.query()
		if !r.IsAlert() || q == nil {
			return
		}
		b, ok := unparen(q.Expr).(*parser.BinaryExpr)
		if !ok || b.Op != parser.LUNLESS {
			return
		}
		l, r2 := reads(b.LHS), reads(b.RHS)
		if len(r2) == 0 || slices.ContainsFunc(r2, func(n string) bool { return slices.Contains(l, n) || n == external.AlertsActive.Name }) {
			return
		}
		guarded := false
		each(b, func(x *parser.BinaryExpr) {
			if x.Op == parser.LAND {
				for _, n := range reads(x.RHS) {
					guarded = guarded || slices.Contains(r2, n)
				}
			}
		})
		if !guarded {
			report.at(q.Position(b.RHS), "while "+strings.Join(r2, ", ")+" is missing the alert fires for everything", "add and on (…) "+r2[0]+", which is there while its exporter is up")
		}
	},
}
