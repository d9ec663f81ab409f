package validate

import (
	"github.com/obsgen/obsgen/diag"
)

var syntaxExposition = &Check{
	ID: "syntax/exposition", Severity: diag.Error, Title: "An exposition that does not parse",
	Why:     "Prometheus drops the whole scrape: not one metric of the target arrives.",
	Source:  "https://prometheus.io/docs/instrumenting/exposition_formats/",
	Example: Example{Exposed, "# HELP app_a_total A.\n# TYPE app_a_total counter\napp_a_total{x=} 1\n", "# HELP app_a_total A.\n# TYPE app_a_total counter\napp_a_total{x=\"y\"} 1\n"},
}
