package validate

import (
	"github.com/obsgen/obsgen/diag"
)

var unitAddMismatch = &Check{
	ID: "unit/add-mismatch", Severity: diag.Error, Title: "A sum of different units",
	Why:     "Seconds and bytes cannot be added, nor milliseconds and seconds without a factor.",
	Source:  practices + "naming/#base-units",
	Example: Example{PromQL, `app_memory_bytes - app_start_timestamp_seconds`, `time() - app_start_timestamp_seconds`},
}
