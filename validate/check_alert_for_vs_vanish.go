package validate

import (
	"fmt"
	"slices"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/unit"
)

var alertForVsVanish = &Check{
	ID: "alert/for-vs-vanish", Severity: diag.Info, Title: "A wait that is longer than the condition lasts",
	Why:     "One event leaves the window of increase() after the window's length. An alert that waits longer than that fires only where events keep coming, never for one.",
	Source:  practices + "alerting/",
	Example: Example{Alert, "alert: A\nexpr: increase(app_errors_total[5m]) > 0\nfor: 10m", "alert: A\nexpr: increase(app_errors_total[15m]) > 0\nfor: 5m"},
	Rule: func(r *Rule, report Report) {
		q := r.query()
		if !r.IsAlert() || q == nil || r.For == 0 {
			return
		}
		b, ok := unparen(q.Expr).(*parser.BinaryExpr)
		if !ok || b.Op != parser.GTR {
			return
		}
		x, isNumber := number(b.RHS)
		l, okL := onlySelector(b.LHS)
		if isNumber && x == 0 && okL && slices.Contains([]string{"increase", "changes", "resets"}, innermost(b.LHS)) && l.window > 0 && r.For >= l.window {
			report.because(r.ForAt.At(), fmt.Sprintf("the alert waits %s for something that is seen for %s", unit.Duration(r.For), unit.Duration(l.window)),
				"one event is in the window of "+short(b.LHS)+" for its length", "use a for shorter than the window")
		}
	},
}
