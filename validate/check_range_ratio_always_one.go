package validate

import (
	"github.com/obsgen/obsgen/diag"
)

var rangeRatioAlwaysOne = &Check{
	ID: "range/ratio-always-one", Severity: diag.Error, Title: "A ratio of each series to itself",
	Why:     "The label by which one side selects is kept on both, without an aggregation or in the grouping of both, so that each series meets itself. The result is 1 for each of them, whatever happens.",
	Source:  promDocs + "operators/#one-to-one-vector-matches",
	Example: Example{PromQL, `rate(app_requests_total{code=~"5.."}[5m]) / rate(app_requests_total[5m])`, `sum(rate(app_requests_total{code=~"5.."}[5m])) / sum(rate(app_requests_total[5m]))`},
}
