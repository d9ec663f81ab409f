package validate

import (
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var histSummaryQuantileMissing = &Check{
	ID: "hist/summary-quantile-missing", Severity: diag.Warning, Title: "A quantile in another spelling than Prometheus 3 stores it",
	Why:     "Prometheus 3 stores the labels le and quantile in their shortest form with a point: 0.9 and never 0.90. A matcher with another spelling selects nothing there.",
	Source:  "https://prometheus.io/docs/prometheus/latest/migration/#le-and-quantile-label-values",
	Example: Example{PromQL, `rpc_duration_seconds{quantile="0.90"}`, `rpc_duration_seconds{quantile="0.9"}`},
	Query: eachMatcher(func(q *Query, vs *parser.VectorSelector, m *labels.Matcher, report Report) {
		if m.Name == model.QuantileLabel {
			respelt(q, vs, m, report)
		}
	}),
}
