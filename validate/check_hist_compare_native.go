package validate

import (
	"github.com/obsgen/obsgen/diag"
)

var histCompareNative = &Check{
	ID: "hist/compare-native", Severity: diag.Error, Title: "Arithmetic that native histograms do not have",
	Why:     "The result of the operator on a native histogram is nothing, not an error.",
	Source:  promDocs + "operators/#arithmetic-binary-operators",
	Example: Example{PromQL, `rate(app_size_bytes[5m]) > 1`, `histogram_count(rate(app_size_bytes[5m])) > 1`},
}
