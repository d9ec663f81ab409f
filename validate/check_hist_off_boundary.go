package validate

import (
	"fmt"
	"slices"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/infer"
)

var histOffBoundary = &Check{
	ID: "hist/off-boundary", Severity: diag.Info, Title: "A threshold between two buckets",
	Why:     "A quantile of classic buckets is interpolated within one bucket. A threshold between two bounds compares with a guess, which can be off by the bucket's width.",
	Source:  practices + "histograms/#errors-of-quantile-estimation",
	Example: Example{Alert, "alert: A\nexpr: histogram_quantile(0.9, sum by (le) (rate(app_duration_seconds_bucket[5m]))) > 0.3\nfor: 5m", "alert: A\nexpr: histogram_quantile(0.9, sum by (le) (rate(app_duration_seconds_bucket[5m]))) > 0.5\nfor: 5m"},
	Query: func(q *Query, report Report) {
		if q.Rule == nil || !q.Rule.IsAlert() {
			return
		}
		eachCondition(q, func(c condition) {
			f, ok := call(c.value, "histogram_quantile")
			if !ok {
				return
			}
			m := q.Table.Of(f.Args[1]).Metric
			if m == nil || len(m.Buckets) == 0 || q.Table.Of(f.Args[1]).Native != infer.Never {
				return
			}
			i, exact := slices.BinarySearch(m.Buckets, c.limit)
			if exact || i == 0 || i == len(m.Buckets) {
				return
			}
			lo, hi := m.Buckets[i-1], m.Buckets[i]
			report.because(q.Position(c.node), fmt.Sprintf("the threshold %v lies between the buckets %v and %v: the alert can be wrong by %v to %v", c.limit, lo, hi, lo-c.limit, hi-c.limit),
				fmt.Sprintf("%s has the buckets %v", m.Name, m.Buckets), fmt.Sprintf("compare with %v or %v, or give the histogram a bucket of %v", lo, hi, c.limit))
		})
	},
}
