package validate

import (
	"strings"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint/validations"

	"github.com/obsgen/obsgen/diag"
)

var metricReservedLabel = &Check{
	ID: "metric/reserved-label", Severity: diag.Error, Title: "A label that belongs to histograms or to Prometheus",
	Why:     "le and quantile tell the parts of a histogram and a summary apart, and labels that begin with __ are dropped at the scrape.",
	Source:  "https://prometheus.io/docs/concepts/data_model/",
	Example: Example{Exposed, "# HELP app_a A.\n# TYPE app_a gauge\napp_a{le=\"1\"} 1\n", "# HELP app_a A.\n# TYPE app_a gauge\napp_a{size=\"1\"} 1\n"},
	Family: func(f *Family, report Report) {
		linted(validations.LintHistogramSummaryReserved, "label", "use another label")(f, report)
		for _, m := range f.Metric {
			for _, l := range m.Label {
				if strings.HasPrefix(l.GetName(), "__") {
					report.at(f.at(f.Line), "the label "+l.GetName()+" is dropped at the scrape", "use another label")
					return
				}
			}
		}
	},
}
