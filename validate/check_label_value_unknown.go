package validate

import (
	"github.com/obsgen/obsgen/diag"
)

var labelValueUnknown = &Check{
	ID: "label/value-unknown", Severity: diag.Error, Title: "A label value that never occurs",
	Why:     "The label has a closed set of values, and none of them passes the matcher.",
	Source:  promDocs + "basics/#instant-vector-selectors",
	Example: Example{PromQL, `app_requests_total{method="FETCH"}`, `app_requests_total{method="GET"}`},
}
