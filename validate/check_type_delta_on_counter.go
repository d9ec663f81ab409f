package validate

import (
	"github.com/obsgen/obsgen/diag"
)

var typeDeltaOnCounter = &Check{
	ID: "type/delta-on-counter", Severity: diag.Error, Title: "A function of gauges on a counter",
	Why:     "delta and deriv know nothing of restarts: after one the result is hugely negative.",
	Source:  promDocs + "functions/#delta",
	Example: Example{PromQL, `delta(app_requests_total[5m])`, `increase(app_requests_total[5m])`},
}
