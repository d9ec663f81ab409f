package validate

import (
	"github.com/prometheus/client_golang/prometheus/testutil/promlint/validations"

	"github.com/obsgen/obsgen/diag"
)

var metricReservedSuffix = &Check{
	ID: "metric/reserved-suffix", Severity: diag.Error, Title: "A name that looks like a part of a histogram",
	Why:     "_bucket, _sum and _count are the series of a histogram: tools take the metric for one.",
	Source:  practices + "histograms/",
	Example: Example{Exposed, "# HELP app_a_bucket A.\n# TYPE app_a_bucket gauge\napp_a_bucket 1\n", "# HELP app_a A.\n# TYPE app_a gauge\napp_a 1\n"},
	Family:  linted(validations.LintHistogramSummaryReserved, "suffix", "rename it"),
}
