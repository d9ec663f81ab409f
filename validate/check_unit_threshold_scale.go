package validate

import (
	"fmt"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var unitThresholdScale = &Check{
	ID: "unit/threshold-scale", Severity: diag.Warning, Title: "A threshold that looks like a share of something else",
	Why:     "The value is an amount, such as a number of GiB, and the threshold a fraction below 1, such as 0.8 for 80%: the alert fires as good as always.",
	Source:  practices + "alerting/",
	Example: Example{Alert, "alert: A\nexpr: app_memory_bytes / 1024 / 1024 / 1024 > 0.8\nfor: 5m", "alert: A\nexpr: app_memory_bytes / app_limit_bytes > 0.8\nfor: 5m"},
	Rule: func(r *Rule, report Report) {
		q := r.query()
		if !r.IsAlert() || q == nil {
			return
		}
		eachOf(q, func(b *parser.BinaryExpr) {
			x, ok := number(b.RHS)
			t := q.Table.Of(b.LHS)
			if !ok || b.Op != parser.GTR && b.Op != parser.GTE || !(x > 0.3 && x < 1) || !t.Unit.IsBytes() {
				return
			}
			report.because(q.Position(b), fmt.Sprintf("%s is an amount of memory, and %v looks like a share of it", short(b.LHS), x),
				"its unit is "+t.Unit.String(), "divide by what there is, or compare with an amount")
		})
	},
}
