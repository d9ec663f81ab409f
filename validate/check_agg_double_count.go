package validate

import (
	"strings"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/infer"
)

var aggDoubleCount = &Check{
	ID: "agg/double-count", Severity: diag.Error, Title: "A sum that counts everything several times",
	Why:     "Each bucket of a classic histogram holds what the smaller ones hold as well. Their sum over le counts a fast request once for every bucket.",
	Source:  practices + "histograms/",
	Example: Example{PromQL, `sum(rate(app_duration_seconds_bucket[5m]))`, `sum(rate(app_duration_seconds_count[5m]))`},
	Query: func(q *Query, report Report) {
		within := map[parser.Expr]bool{} // what reads buckets on purpose has a fault of its own where le is gone
		eachOf(q, func(c *parser.Call) {
			if strings.HasPrefix(c.Func.Name, "histogram_") {
				for _, arg := range c.Args {
					each(arg, func(a *parser.AggregateExpr) { within[a] = true })
				}
			}
		})
		eachOf(q, func(a *parser.AggregateExpr) {
			if a.Op != parser.SUM && a.Op != parser.AVG || within[a] || q.Touches(a) {
				return
			}
			t := q.Table.Of(a.Expr)
			values, closed := t.Labels.Values(labels.BucketLabel).Set()
			if t.Kind != infer.Bucket && t.Kind != infer.BucketRate || q.Table.Of(a).Labels.Has(labels.BucketLabel) || closed && len(values) == 1 {
				return
			}
			report.because(q.Position(a), short(a)+" counts an observation once for every bucket that it is in", "buckets are cumulative, and le is dropped", "sum the _count series, or keep le")
		})
	},
}
