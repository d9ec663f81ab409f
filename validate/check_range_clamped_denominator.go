package validate

import (
	"fmt"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var rangeClampedDenominator = &Check{
	ID: "range/clamped-denominator", Severity: diag.Warning, Title: "A share with a floor under its whole",
	Why:     "A floor of 1 under the requests per second keeps the share from being NaN, and below one request per second makes it too small: half of 0.1 requests per second failing reads 5%.",
	Source:  workbook,
	Example: Example{PromQL, `sum(rate(app_errors_total[5m])) / clamp_min(sum(rate(app_requests_total[5m])), 1)`, `sum(rate(app_errors_total[5m])) / (sum(rate(app_requests_total[5m])) > 0)`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(b *parser.BinaryExpr) {
			if b.Op != parser.DIV {
				return
			}
			if c, ok := unparen(b.RHS).(*parser.Call); ok && c.Func.Name == "clamp_min" && len(c.Args) == 2 {
				if x, ok := number(c.Args[1]); ok && x >= 0.1 && perSecond(b.LHS) && perSecond(c.Args[0]) {
					report.at(q.Position(c), fmt.Sprintf("below %v per second the share shrinks with the traffic", x), "divide by (whole > 0), and say what no traffic means")
				}
			}
		})
	},
}
