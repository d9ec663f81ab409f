package validate

import (
	"fmt"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/infer"
)

var histNoLe = &Check{
	ID: "hist/no-le", Severity: diag.Error, Title: "A quantile of series without buckets",
	Why:     "histogram_quantile reads the buckets by their label le. Where an aggregation drops it the result is empty.",
	Source:  practices + "histograms/",
	Example: Example{PromQL, `histogram_quantile(0.9, sum(rate(app_duration_seconds_bucket[5m])))`, `histogram_quantile(0.9, sum by (le) (rate(app_duration_seconds_bucket[5m])))`},
	// The inference reports what the catalog proves. Of other metrics the name tells that they are buckets: no native
	// histogram, which needs no le, is exposed under a name that ends in _bucket.
	Query: func(q *Query, report Report) {
		eachOf(q, func(c *parser.Call) {
			if c.Func.Name != "histogram_quantile" || len(c.Args) < 2 {
				return
			}
			t := q.Table.Of(c.Args[1])
			if t.Native != infer.Maybe || !t.Labels.Closed() || t.Labels.Has(labels.BucketLabel) || t.Labels.Has(victoriaBuckets) || t.Empty == infer.Must || replacedLabel(t) {
				return
			}
			buckets, others := 0, 0
			each(c.Args[1], func(vs *parser.VectorSelector) {
				if strings.HasSuffix(vs.Name, "_bucket") && !strings.Contains(vs.Name, ":") {
					buckets++
				} else {
					others++
				}
			})
			if buckets > 0 && others == 0 {
				report.because(q.Position(c), fmt.Sprintf("%s() of series without the label le: it has no buckets to read", c.Func.Name), short(c.Args[1])+" drops le", "keep le in the grouping: sum by (le, …)")
			}
		})
	},
}

// victoriaBuckets is the label of VictoriaMetrics' own buckets, which it reads in place of le.
const victoriaBuckets = "vmrange"
