package validate

import (
	"github.com/prometheus/client_golang/prometheus/testutil/promlint/validations"

	"github.com/obsgen/obsgen/diag"
)

var metricHelp = &Check{
	ID: "metric/help", Severity: diag.Warning, Title: "A metric without help",
	Why:     "The help text is what Grafana and Prometheus show beside the name: what is counted, and when.",
	Source:  "https://prometheus.io/docs/instrumenting/writing_exporters/#help-strings",
	Example: Example{Exposed, "# TYPE app_a_total counter\napp_a_total 1\n", "# HELP app_a_total A.\n# TYPE app_a_total counter\napp_a_total 1\n"},
	Family:  linted(validations.LintHelp, "", "say what is measured"),
}
