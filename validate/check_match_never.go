package validate

import (
	"github.com/obsgen/obsgen/diag"
)

var matchNever = &Check{
	ID: "match/never", Severity: diag.Error, Title: "Two sides that never join",
	Why:     "The series of both sides differ in a label by which they are matched, so that no pair is ever found and the result is empty.",
	Source:  promDocs + "operators/#vector-matching",
	Example: Example{PromQL, `rate(app_errors_total[5m]) / rate(app_requests_total[5m])`, `sum by (method) (rate(app_errors_total[5m])) / sum by (method) (rate(app_requests_total[5m]))`},
}
