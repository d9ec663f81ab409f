package validate

import (
	"github.com/prometheus/client_golang/prometheus/testutil/promlint/validations"

	"github.com/obsgen/obsgen/diag"
)

var metricBaseUnit = &Check{
	ID: "metric/base-unit", Severity: diag.Warning, Title: "A unit that is not a base unit",
	Why:     "Seconds, bytes and ratios can be combined without factors. Milliseconds beside seconds are the mistake that every dashboard makes once.",
	Source:  practices + "naming/#base-units",
	Example: Example{Exposed, "# HELP app_a_milliseconds A.\n# TYPE app_a_milliseconds gauge\napp_a_milliseconds 1\n", "# HELP app_a_seconds A.\n# TYPE app_a_seconds gauge\napp_a_seconds 1\n"},
	Family:  linted(validations.LintMetricUnits, "", "expose the base unit"),
}
