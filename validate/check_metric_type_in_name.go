package validate

import (
	"github.com/prometheus/client_golang/prometheus/testutil/promlint/validations"

	"github.com/obsgen/obsgen/diag"
)

var metricTypeInName = &Check{
	ID: "metric/type-in-name", Severity: diag.Info, Title: "A name that tells its type",
	Why:     "The type is exposed beside the metric, and changes more easily than the name.",
	Source:  practices + "naming/",
	Example: Example{Exposed, "# HELP app_queue_gauge A.\n# TYPE app_queue_gauge gauge\napp_queue_gauge 1\n", "# HELP app_queue A.\n# TYPE app_queue gauge\napp_queue 1\n"},
	Family:  linted(validations.LintMetricTypeInName, "", "drop the type from the name"),
}
