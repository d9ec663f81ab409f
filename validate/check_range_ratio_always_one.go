package validate

import (
	"github.com/obsgen/obsgen/diag"
)

var rangeRatioAlwaysOne = &Check{
	ID: "range/ratio-always-one", Severity: diag.Error, Title: "A ratio of each series to itself",
	Why:     "Without an aggregation the matcher on one side selects series that meet themselves on the other. The result is 1 for each of them, whatever happens.",
	Source:  promDocs + "operators/#one-to-one-vector-matches",
	Example: Example{PromQL, `rate(app_requests_total{code=~"5.."}[5m]) / rate(app_requests_total[5m])`, `sum(rate(app_requests_total{code=~"5.."}[5m])) / sum(rate(app_requests_total[5m]))`},
}
