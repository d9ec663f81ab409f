package validate

import (
	"github.com/prometheus/client_golang/prometheus/testutil/promlint/validations"

	"github.com/obsgen/obsgen/diag"
)

var metricColon = &Check{
	ID: "metric/colon", Severity: diag.Warning, Title: "A colon in the name of a metric",
	Why:     "Colons are for recorded series: people look for the rule.",
	Source:  practices + "naming/",
	Example: Example{Exposed, "# HELP app:a:sum A.\n# TYPE app:a:sum gauge\napp:a:sum 1\n", "# HELP app_a A.\n# TYPE app_a gauge\napp_a 1\n"},
	Family:  linted(validations.LintReservedChars, "", "use _"),
}
