package validate

import (
	"github.com/obsgen/obsgen/diag"
)

var histKind = &Check{
	ID: "hist/kind", Severity: diag.Error, Title: "The wrong form of histogram",
	Why:     "The function reads classic buckets or native histograms, and the series are of the other form; or the series of the other form are selected; or `</` and `>/`, which trim native histograms, are given numbers.",
	Source:  practices + "histograms/",
	Example: Example{PromQL, `histogram_avg(rate(app_duration_seconds_bucket[5m]))`, `histogram_avg(rate(app_size_bytes[5m]))`},
}
