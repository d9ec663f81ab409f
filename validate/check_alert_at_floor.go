package validate

import (
	"fmt"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/infer"
)

var alertAtFloor = &Check{
	ID: "alert/at-floor", Severity: diag.Warning, Title: "An alert at the bottom of what can be",
	Why:     "The value is never below the threshold: the alert fires only while it is exactly there, which for a share of failures is when nothing fails. Mostly the expression is the opposite of what its name says.",
	Source:  workbook,
	Example: Example{Alert, "alert: A\nexpr: sum(rate(app_errors_total[5m])) <= 0\nfor: 5m", "alert: A\nexpr: 1 - sum(rate(app_errors_total[5m])) / sum(rate(app_requests_total[5m])) <= 0.9\nfor: 5m"},
	Rule: func(r *Rule, report Report) {
		q := r.query()
		if !r.IsAlert() || q == nil {
			return
		}
		b, ok := unparen(q.Expr).(*parser.BinaryExpr)
		if !ok || b.Op != parser.LTE {
			return
		}
		x, isNumber := number(b.RHS)
		if t := q.Table.Of(b.LHS); isNumber && t.Range.Lo == x && !t.Range.OpenLo && t.Kind != infer.Gauge && t.Kind != infer.Counted {
			report.because(q.Position(b), fmt.Sprintf("%s is never below %v: this holds only while it is exactly that", short(b.LHS), x),
				"its least value is "+fmt.Sprint(t.Range.Lo), "write == where that is meant, or turn the expression round")
		}
	},
}
