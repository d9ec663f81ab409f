package validate

import (
	"github.com/obsgen/obsgen/diag"
)

var typeRateOfAggregate = &Check{
	ID: "type/rate-of-aggregate", Severity: diag.Error, Title: "A rate of a sum of counters",
	Why:     "When one of the counters restarts the sum falls, and rate takes the whole rest of the sum for growth. Take rates first and sum them.",
	Source:  "https://www.robustperception.io/rate-then-sum-never-sum-then-rate/",
	Example: Example{PromQL, `rate(sum(app_requests_total)[5m:1m])`, `sum(rate(app_requests_total[5m]))`},
}
