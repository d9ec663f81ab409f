package validate

import (
	"strings"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var histBucketArith = &Check{
	ID: "hist/bucket-arith", Severity: diag.Info, Title: "Arithmetic with single buckets",
	Why:     "The share of what is slower than a bucket, written with its buckets, is tied to their bounds and is off where a bound moves. histogram_fraction says it of native histograms.",
	Source:  practices + "histograms/#apdex-score",
	Example: Example{PromQL, `sum(rate(app_duration_seconds_bucket{le="+Inf"}[5m])) - sum(rate(app_duration_seconds_bucket{le="1.0"}[5m]))`, `sum(rate(app_duration_seconds_count[5m]))`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(b *parser.BinaryExpr) {
			if b.Op != parser.SUB {
				return
			}
			l, okL := onlySelector(b.LHS)
			r, okR := onlySelector(b.RHS)
			if okL && okR && strings.HasSuffix(l.vs.Name, "_bucket") && l.vs.Name == r.vs.Name && bound(l.vs) != "" && bound(r.vs) != "" {
				report.at(q.Position(b), "the difference of two buckets counts what lies between their bounds", "excuse it where that is meant; a native histogram has histogram_fraction")
			}
		})
	},
}

// bound returns the bucket that a selector names.
func bound(vs *parser.VectorSelector) string {
	for _, m := range vs.LabelMatchers {
		if m.Name == labels.BucketLabel && m.Type == labels.MatchEqual {
			return m.Value
		}
	}
	return ""
}
