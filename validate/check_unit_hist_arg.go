package validate

import (
	"fmt"
	"math"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var unitHistArg = &Check{
	ID: "unit/hist-arg", Severity: diag.Error, Title: "A limit in another unit than what is observed",
	Why:     "The limits of histogram_fraction are in the unit of the observations. A limit of 200 beside seconds lies above every bucket: the share is always 1.",
	Source:  promDocs + "functions/#histogram_fraction",
	Example: Example{PromQL, `histogram_fraction(0, 200, sum by (le) (rate(app_duration_seconds_bucket[5m])))`, `histogram_fraction(0, 0.5, sum by (le) (rate(app_duration_seconds_bucket[5m])))`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(c *parser.Call) {
			if c.Func.Name != "histogram_fraction" || len(c.Args) != 3 {
				return
			}
			m := q.Table.Of(c.Args[2]).Metric
			hi, ok := q.Table.Of(c.Args[1]).Range.Exactly()
			if m == nil || len(m.Buckets) == 0 || !ok || math.IsInf(hi, 1) {
				return
			}
			if top := m.Buckets[len(m.Buckets)-1]; hi > 10*top {
				report.because(q.Position(c.Args[1]), fmt.Sprintf("the limit %v lies far above the largest bucket, %v", hi, top), m.Name+" is in "+m.Unit.String(), "write it in "+m.Unit.String())
			}
		})
	},
}
