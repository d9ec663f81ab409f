package validate

import (
	"github.com/obsgen/obsgen/diag"
)

var labelContradiction = &Check{
	ID: "label/contradiction", Severity: diag.Error, Title: "Matchers that exclude each other",
	Why:     "No value of the label passes all matchers, so the selector is empty.",
	Source:  promDocs + "basics/#instant-vector-selectors",
	Example: Example{PromQL, `app_requests_total{method="GET", method="POST"}`, `app_requests_total{method=~"GET|POST"}`},
}
