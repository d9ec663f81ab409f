package validate

import (
	"fmt"
	"slices"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var aggNonlinearBuckets = &Check{
	ID: "agg/nonlinear-buckets", Severity: diag.Error, Title: "A maximum of buckets",
	Why:     "Buckets are counts that add up. Their maximum, average by topk or the like is no histogram any more, and a quantile of it is wrong.",
	Source:  practices + "histograms/#quantiles",
	Example: Example{PromQL, `histogram_quantile(0.9, max by (le) (rate(app_duration_seconds_bucket[5m])))`, `histogram_quantile(0.9, sum by (le) (rate(app_duration_seconds_bucket[5m])))`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(n *parser.Call) {
			if n.Func.Name != "histogram_quantile" || len(n.Args) < 2 {
				return
			}
			each(n.Args[1], func(a *parser.AggregateExpr) {
				switch a.Op {
				case parser.MAX, parser.MIN, parser.TOPK, parser.BOTTOMK, parser.QUANTILE, parser.STDDEV, parser.COUNT:
					if aboutBuckets(q, a.Expr) && !((a.Op == parser.TOPK || a.Op == parser.BOTTOMK) && slices.Contains(a.Grouping, labels.BucketLabel)) {
						report.at(q.Position(a), fmt.Sprintf("%s() of buckets is no histogram any more", a.Op), "use sum by (le, …)")
					}
				}
			})
		})
	},
}
