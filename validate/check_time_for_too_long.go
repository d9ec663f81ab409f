package validate

import (
	"fmt"
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/unit"
)

var timeForTooLong = &Check{
	ID: "time/for-too-long", Severity: diag.Error, Title: "A time of day that is over before the alert fires",
	Why:     "hour() == 3 holds for an hour. An alert that waits longer for it never fires.",
	Source:  promDocs + "functions/#hour",
	Example: Example{Alert, "alert: A\nexpr: hour() == 3\nfor: 2h", "alert: A\nexpr: hour() == 3\nfor: 30m"},
	Rule: func(r *Rule, report Report) {
		q := r.query()
		if !r.IsAlert() || q == nil {
			return
		}
		b, ok := unparen(q.Expr).(*parser.BinaryExpr)
		if !ok || b.Op != parser.EQLC {
			return
		}
		c, ok := unparen(b.LHS).(*parser.Call)
		if !ok {
			return
		}
		lasts := map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day_of_week": 24 * time.Hour, "day_of_month": 24 * time.Hour, "day_of_year": 24 * time.Hour}[c.Func.Name]
		if lasts > 0 && r.For >= lasts {
			report.at(r.ForAt.At(), fmt.Sprintf("%s holds for %s, and the alert waits %s", short(b), unit.Duration(lasts), unit.Duration(r.For)), "use a shorter for")
		}
	},
}
