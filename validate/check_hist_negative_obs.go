package validate

import (
	"fmt"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var histNegativeObs = &Check{
	ID: "hist/negative-obs", Severity: diag.Warning, Title: "A rate of a sum that can fall",
	Why:     "The histogram observes negative values, so that its sum falls without a restart, and every fall is taken for one.",
	Source:  practices + "histograms/#count-and-sum-of-observations",
	Example: Example{PromQL, `rate(app_drift_seconds_sum[5m])`, `rate(app_drift_seconds_count[5m])`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(c *parser.Call) {
			if c.Func.Name != "rate" && c.Func.Name != "increase" && c.Func.Name != "irate" {
				return
			}
			l, ok := onlySelector(c)
			m := q.Table.Of(c).Metric
			if ok && m != nil && len(m.Buckets) > 0 && m.Buckets[0] < 0 && strings.HasSuffix(l.vs.Name, "_sum") {
				report.because(q.Position(c), "the sum of "+m.Name+" can fall, which "+c.Func.Name+"() takes for a restart", fmt.Sprintf("its first bucket is %v", m.Buckets[0]), "use deriv() over a time without restarts, or two histograms")
			}
		})
	},
}
