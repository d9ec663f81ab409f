package validate

import (
	"github.com/obsgen/obsgen/diag"
)

var unitCompareMismatch = &Check{
	ID: "unit/compare-mismatch", Severity: diag.Error, Title: "A comparison of different units",
	Why:     "The order of a number of bytes and a number of seconds means nothing.",
	Source:  practices + "naming/#base-units",
	Example: Example{PromQL, `app_memory_bytes > on (job, instance) app_uptime_seconds`, `app_memory_bytes > on (job, instance) app_limit_bytes`},
}
