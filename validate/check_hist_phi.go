package validate

import (
	"fmt"
	"math"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var histPhi = &Check{
	ID: "hist/phi", Severity: diag.Error, Title: "A quantile outside of 0 to 1",
	Why:     "Quantiles are numbers from 0 to 1: a larger one gives +Inf, a smaller one -Inf. 95 was meant as 0.95.",
	Source:  promDocs + "functions/#histogram_quantile",
	Example: Example{PromQL, `quantile(95, app_queue_length)`, `quantile(0.95, app_queue_length)`},
	Query: func(q *Query, report Report) {
		check := func(at parser.Node, φ parser.Expr) {
			if x, ok := number(φ); ok && !q.Touches(φ) && (x < 0 || x > 1) {
				mend := "use a number from 0 to 1"
				if x > 1 && x < 100 {
					mend = fmt.Sprintf("write %v", math.Round(x*1e6)/1e8)
				}
				report.at(q.Position(φ), fmt.Sprintf("the quantile %v is outside of 0 to 1", x), mend)
			}
		}
		eachOf(q, func(n *parser.AggregateExpr) {
			if n.Op == parser.QUANTILE {
				check(n, n.Param)
			}
		})
		eachOf(q, func(n *parser.Call) {
			if (n.Func.Name == "histogram_quantile" || n.Func.Name == "quantile_over_time") && len(n.Args) > 0 {
				check(n, n.Args[0])
			}
		})
	},
}
