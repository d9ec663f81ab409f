package validate

import (
	"github.com/obsgen/obsgen/diag"
)

var metricDuplicate = &Check{
	ID: "metric/duplicate", Severity: diag.Error, Title: "A metric that is exposed twice",
	Why:     "The second declaration of the type or a second sample of the same series is an error to OpenMetrics, and to Prometheus a sample out of order.",
	Source:  "https://prometheus.io/docs/instrumenting/exposition_formats/",
	Example: Example{Exposed, "# HELP app_a A.\n# TYPE app_a gauge\napp_a 1\n# TYPE app_a gauge\napp_a{x=\"y\"} 1\n", "# HELP app_a A.\n# TYPE app_a gauge\napp_a 1\napp_a{x=\"y\"} 1\n"},
	Family: func(f *Family, report Report) {
		if f.Again > 0 {
			report.at(f.at(f.Again), "the type of "+f.GetName()+" is declared again", "expose each metric once")
		}
	},
}
