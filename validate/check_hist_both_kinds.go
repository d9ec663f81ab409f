package validate

import (
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/infer"
)

var histBothKinds = &Check{
	ID: "hist/both-kinds", Severity: diag.Warning, Title: "Both forms of a histogram in one quantile",
	Why:     "Where classic buckets and a native histogram have the same labels histogram_quantile gives neither: it drops the group with a warning.",
	Source:  practices + "histograms/",
	Example: Example{PromQL, `histogram_quantile(0.9, sum by (le, job) (rate(app_duration_seconds_bucket[5m])) or sum by (job) (rate(app_size_bytes[5m])))`, `histogram_quantile(0.9, sum by (le, job) (rate(app_duration_seconds_bucket[5m])))`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(c *parser.Call) {
			if c.Func.Name != "histogram_quantile" || len(c.Args) < 2 {
				return
			}
			each(c.Args[1], func(b *parser.BinaryExpr) {
				if b.Op != parser.LOR {
					return
				}
				l, r := q.Table.Of(b.LHS), q.Table.Of(b.RHS)
				if l.Native == infer.Must && r.Kind == infer.BucketRate || r.Native == infer.Must && l.Kind == infer.BucketRate {
					report.at(q.Position(b), "one side has classic buckets, the other native histograms", "take the quantile of each, then or")
				}
			})
		})
	},
}
