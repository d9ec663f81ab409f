package validate

import (
	"github.com/obsgen/obsgen/diag"
)

var typeRateOnGauge = &Check{
	ID: "type/rate-on-gauge", Severity: diag.Error, Title: "A rate of a gauge",
	Why:     "rate, irate and increase take every fall of a value for a restart of a counter and add it up: of a gauge they give nonsense.",
	Source:  promDocs + "functions/#rate",
	Example: Example{PromQL, `rate(app_queue_length[5m])`, `deriv(app_queue_length[5m])`},
}
