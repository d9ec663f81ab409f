package validate

import (
	"github.com/prometheus/client_golang/prometheus/testutil/promlint/validations"

	"github.com/obsgen/obsgen/diag"
)

var metricCounterTotal = &Check{
	ID: "metric/counter-total", Severity: diag.Warning, Title: "A counter without _total",
	Why:     "The suffix tells that the metric counts up, so that people and tools take its rate.",
	Source:  practices + "naming/",
	Example: Example{Exposed, "# HELP app_requests A.\n# TYPE app_requests counter\napp_requests 1\n", "# HELP app_requests_total A.\n# TYPE app_requests_total counter\napp_requests_total 1\n"},
	Family:  linted(validations.LintCounter, "counter metrics should have", "end its name in _total"),
}
