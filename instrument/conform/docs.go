package conform

import "github.com/obsgen/obsgen/diag"

const (
	practice = "https://prometheus.io/docs/practices/instrumentation/"
	formats  = "https://prometheus.io/docs/instrumenting/exposition_formats/"
)

// Docs document the findings of Check. The severities are the usual ones: a fault that the next event may heal is less severe.
var Docs = []diag.Doc{
	{ID: "expose/buckets", Severity: diag.Error, Title: "A histogram with other buckets than the catalog's", Source: "https://prometheus.io/docs/practices/histograms/",
		Why: "Quantiles, objectives and heatmaps are built for the bounds that the catalog declares."},
	{ID: "expose/cardinality", Severity: diag.Error, Title: "More series than the catalog allows", Source: practice + "#do-not-overuse-labels",
		Why: "The labels' bounds are what dashboards and Prometheus are sized by. A label with values from outside, such as paths, is the usual cause."},
	{ID: "expose/help", Severity: diag.Info, Title: "Another help text than the catalog's", Source: formats,
		Why: "Prometheus shows the exposed one, the docs the declared one."},
	{ID: "expose/label", Severity: diag.Error, Title: "A label that the catalog lacks, or a series without one that it has", Source: practice,
		Why: "Queries match and group by the labels that the catalog declares. A missing label whose values are not all declared is a warning."},
	{ID: "expose/missing", Severity: diag.Error, Title: "A metric that is not exposed", Source: practice + "#avoid-missing-metrics",
		Why: "Panels of it show no data, and its alerts cannot fire. A gauge, or a metric with labels, may wait for its first event: then it is a warning."},
	{ID: "expose/never-written", Severity: diag.Info, Title: "A metric that is 0 since the start", Source: practice,
		Why: "Either nothing of the kind has happened yet, or the code that should count it is missing."},
	{ID: "expose/type", Severity: diag.Error, Title: "Another type than the catalog's", Source: formats,
		Why: "rate() of a gauge and the value of a counter mean nothing. A metric exposed without a type is a warning."},
	{ID: "expose/unit", Severity: diag.Error, Title: "A unit that the name does not have", Source: formats,
		Why: "Panels print the unit that the catalog declares."},
	{ID: "expose/unknown", Severity: diag.Error, Title: "A metric with the catalog's prefix that the catalog lacks", Source: practice,
		Why: "It is misspelt, or nobody documented it, and no panel and no alert reads it."},
	{ID: "expose/value", Severity: diag.Error, Title: "A label value that the catalog does not allow", Source: practice + "#use-labels",
		Why: "Matchers, legends and checks rest on the values that the label declares."},
}
