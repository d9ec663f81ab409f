package validate

import (
	"github.com/obsgen/obsgen/diag"
)

var labelNotInMetric = &Check{
	ID: "label/not-in-metric", Severity: diag.Error, Title: "A label that the series do not have",
	Why:     "A matcher on a label that a series lacks selects nothing, and a grouping by it puts everything into one group.",
	Source:  promDocs + "operators/#aggregation-operators",
	Example: Example{PromQL, `sum by (status) (rate(app_requests_total[5m]))`, `sum by (code) (rate(app_requests_total[5m]))`},
}
