package validate

import (
	"github.com/prometheus/client_golang/prometheus/testutil/promlint/validations"

	"github.com/obsgen/obsgen/diag"
)

var metricCase = &Check{
	ID: "metric/case", Severity: diag.Warning, Title: "A name with capital letters",
	Why:     "Names of metrics are snake_case everywhere else.",
	Source:  practices + "naming/",
	Example: Example{Exposed, "# HELP app_httpRequests_total A.\n# TYPE app_httpRequests_total counter\napp_httpRequests_total 1\n", "# HELP app_http_requests_total A.\n# TYPE app_http_requests_total counter\napp_http_requests_total 1\n"},
	Family:  linted(validations.LintCamelCase, "", "write it in snake_case"),
}
