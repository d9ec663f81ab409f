package validate

import (
	"github.com/prometheus/client_golang/prometheus/testutil/promlint/validations"

	"github.com/obsgen/obsgen/diag"
)

var metricTotalNotCounter = &Check{
	ID: "metric/total-not-counter", Severity: diag.Warning, Title: "A name of a counter for what is none",
	Why:     "The suffix _total tells people and tools to take a rate, which of a gauge is nonsense.",
	Source:  practices + "naming/",
	Example: Example{Exposed, "# HELP app_jobs_total A.\n# TYPE app_jobs_total gauge\napp_jobs_total 1\n", "# HELP app_jobs A.\n# TYPE app_jobs gauge\napp_jobs 1\n"},
	Family:  linted(validations.LintCounter, "non-counter", "drop _total, or expose a counter"),
}
