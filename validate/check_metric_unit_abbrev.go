package validate

import (
	"github.com/prometheus/client_golang/prometheus/testutil/promlint/validations"

	"github.com/obsgen/obsgen/diag"
)

var metricUnitAbbrev = &Check{
	ID: "metric/unit-abbrev", Severity: diag.Warning, Title: "A unit that is abbreviated",
	Why:     "ms, kb and the like are read in several ways.",
	Source:  practices + "naming/#base-units",
	Example: Example{Exposed, "# HELP app_a_kb A.\n# TYPE app_a_kb gauge\napp_a_kb 1\n", "# HELP app_a_bytes A.\n# TYPE app_a_bytes gauge\napp_a_bytes 1\n"},
	Family:  linted(validations.LintUnitAbbreviations, "", "write the unit out"),
}
