package validate

import (
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var alertIdleSeries = &Check{
	ID: "alert/idle-series", Severity: diag.Warning, Title: "An alert for each idle series",
	Why:     "Without an aggregation each series is looked at alone: the alert fires for every status code or method that is not in use just then, and says nothing when the service gets no request at all and has no series.",
	Source:  practices + "alerting/",
	Example: Example{Alert, "alert: A\nexpr: rate(app_requests_total[5m]) == 0\nfor: 5m", "alert: A\nexpr: sum(rate(app_requests_total[5m])) == 0\nfor: 5m"},
	Rule: func(r *Rule, report Report) {
		q := r.query()
		if !r.IsAlert() || q == nil {
			return
		}
		b, ok := unparen(q.Expr).(*parser.BinaryExpr)
		if !ok || b.Op != parser.EQLC && b.Op != parser.LTE && b.Op != parser.LSS {
			return
		}
		c, ok := unparen(b.LHS).(*parser.Call)
		x, isNumber := number(b.RHS)
		if !ok || !isNumber || x > 0.01 || c.Func.Name != "rate" && c.Func.Name != "increase" && c.Func.Name != "irate" {
			return
		}
		if own := ownLabels(q.Table.Of(c)); len(own) > 0 {
			report.because(q.Position(c), "the alert fires for every idle combination of "+strings.Join(own, ", "), "nothing sums the series", "sum them first, by the labels that matter")
		}
	},
}
