package validate

import (
	"fmt"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/unit"
)

var histAvgMismatch = &Check{
	ID: "hist/avg-mismatch", Severity: diag.Error, Title: "A mean of two different histograms",
	Why:     "The sum of one histogram divided by the count of another, or over another window, is no mean of anything.",
	Source:  practices + "histograms/#count-and-sum-of-observations",
	Example: Example{PromQL, `rate(app_duration_seconds_sum[5m]) / rate(app_duration_seconds_count[10m])`, `rate(app_duration_seconds_sum[5m]) / rate(app_duration_seconds_count[5m])`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(b *parser.BinaryExpr) {
			if b.Op != parser.DIV {
				return
			}
			l, okL := onlySelector(b.LHS)
			r, okR := onlySelector(b.RHS)
			if !okL || !okR || !strings.HasSuffix(l.vs.Name, "_sum") || !strings.HasSuffix(r.vs.Name, "_count") || q.Touches(b) && (q.Touches(l.vs) || q.Touches(r.vs)) {
				return
			}
			a, c := strings.TrimSuffix(l.vs.Name, "_sum"), strings.TrimSuffix(r.vs.Name, "_count")
			switch {
			case a != c && l.window == r.window:
				report.at(q.Position(b), fmt.Sprintf("the sum of %s is divided by the count of %s", a, c), "take both from one histogram")
			case a == c && l.window != r.window:
				report.at(q.Position(b), fmt.Sprintf("the sum is taken over %s, the count over %s", unit.Duration(l.window), unit.Duration(r.window)), "use one window")
			}
		})
	},
}
