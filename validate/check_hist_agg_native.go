package validate

import (
	"github.com/obsgen/obsgen/diag"
)

var histAggNative = &Check{
	ID: "hist/agg-native", Severity: diag.Error, Title: "A function that leaves native histograms out",
	Why:     "The aggregation or function takes numbers and ignores histograms, so that nothing is left.",
	Source:  promDocs + "operators/#aggregation-operators",
	Example: Example{PromQL, `max(rate(app_size_bytes[5m]))`, `sum(rate(app_size_bytes[5m]))`},
}
