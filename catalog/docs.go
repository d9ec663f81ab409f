package catalog

import "github.com/obsgen/obsgen/diag"

const (
	naming     = "https://prometheus.io/docs/practices/naming/"
	dataModel  = "https://prometheus.io/docs/concepts/data_model/"
	histograms = "https://prometheus.io/docs/practices/histograms/"
	helps      = "https://prometheus.io/docs/instrumenting/writing_exporters/#help-strings"

	notExposed = "no registry accepts the metric"
	byReason   = " Give the reason in Spec.Naming where the name has to stay."
)

// Docs document the findings of Check.
var Docs = []diag.Doc{
	{ID: "metric/base-unit", Severity: diag.Error, Title: "A metric that is not in a base unit", Source: naming + "#base-units",
		Why: "Seconds, bytes and ratios can be combined without factors." + byReason},
	{ID: "metric/buckets", Severity: diag.Error, Title: "Buckets that make no histogram", Source: histograms, Essential: notExposed,
		Why:     "A histogram needs ascending, finite buckets (+Inf is added), a factor above 1 for native ones, or both. Counters and gauges have none.",
		Example: diag.Example{Of: diag.Declared, Wrong: "Buckets: []float64{.1, 1, .5}", Right: "Buckets: []float64{.1, .5, 1}"}},
	{ID: "metric/case", Severity: diag.Error, Title: "A metric that is not in snake_case", Source: naming,
		Why: "Everyone who writes a query guesses the name in the usual form." + byReason},
	{ID: "metric/colon", Severity: diag.Error, Title: "A colon in the name of a metric", Source: naming,
		Why: "A colon marks a recorded series; a metric with one is taken for the result of a rule." + byReason},
	{ID: "metric/counter-total", Severity: diag.Error, Title: "A counter without _total", Source: naming,
		Why: "The suffix tells readers, and OpenMetrics parsers, that the series only rises and wants rate()." + byReason},
	{ID: "metric/duplicate", Severity: diag.Error, Title: "A metric that is declared twice", Source: dataModel, Essential: "one name can hold only one metric",
		Why: "Two declarations of one name cannot both say what its labels, unit and buckets are."},
	{ID: "metric/duplicate-label", Severity: diag.Error, Title: "A metric with one label twice", Source: dataModel, Essential: notExposed,
		Why: "A series has one value for each label name."},
	{ID: "metric/group", Severity: diag.Error, Title: "A group of metrics that is nil", Source: "https://go.dev/ref/spec#Package_initialization", Essential: "its metrics are not known",
		Why: "The variable of the group is not set where the catalog is declared."},
	{ID: "metric/help", Severity: diag.Error, Title: "A metric without help", Source: helps,
		Why: "The help text is what Prometheus and Grafana show beside the name, and what the generated reference says of the metric."},
	{ID: "metric/initialised", Severity: diag.Error, Title: "A metric that cannot begin at 0", Source: "https://prometheus.io/docs/practices/instrumentation/#avoid-missing-metrics", Essential: "the series are not known before the first event",
		Why:     "Initialised exposes every combination of labels from the start, so that the first event is an increase. That needs labels whose values are all declared.",
		Example: diag.Example{Of: diag.Declared, Wrong: "catalog.AtMost[route](50, \"route\", \"Route.\") // and Spec.Initialised: true", Right: "catalog.OneOf(\"route\", \"Route.\", List, Show) // and Spec.Initialised: true"}},
	{ID: "metric/label-name", Severity: diag.Error, Title: "A label name that no metric may declare", Source: dataModel, Essential: notExposed,
		Why: "Label names have letters, digits and underscores, and begin with no digit."},
	{ID: "metric/label-values", Severity: diag.Error, Title: "A label without usable values", Source: dataModel, Essential: "no value of the label is known",
		Why: "The values bound the number of series and tell what a matcher can select: each is declared once, or bounded by a number of at least 1, or matches a pattern that compiles."},
	{ID: "metric/name", Severity: diag.Error, Title: "A name that no metric may have", Source: dataModel, Essential: notExposed,
		Why: "Names have letters, digits and underscores, and begin with no digit."},
	{ID: "metric/owner", Severity: diag.Error, Title: "Metrics without an owner", Source: "https://sre.google/workbook/monitoring/",
		Why:     "The owner is the team that is asked when a metric is missing or wrong. It is declared once for a group.",
		Example: diag.Example{Of: diag.Declared, Wrong: "catalog.NewGroup(\"Letters\", catalog.GroupSpec{Help: \"What was sent.\"})", Right: "catalog.NewGroup(\"Letters\", catalog.GroupSpec{Help: \"What was sent.\", Owner: \"post-team\"})"}},
	{ID: "metric/part-of", Severity: diag.Error, Title: "A metric that is a part of itself", Source: naming, Essential: "the total is not known",
		Why: "PartOf names the counter of all events of which this one counts some, such as requests for errors."},
	{ID: "metric/prefix", Severity: diag.Error, Title: "A metric without the catalog's prefix", Source: naming,
		Why: "The prefix tells whose metric it is. A fragment needs one of its own, so that its names are no other's." + byReason},
	{ID: "metric/range", Severity: diag.Error, Title: "A range whose ends are exchanged", Source: naming, Essential: "no value lies within it",
		Why: "Comparisons, axes and scenarios are checked against the range that the metric declares."},
	{ID: "metric/reserved-label", Severity: diag.Error, Title: "A label that is Prometheus's own", Source: "https://prometheus.io/docs/concepts/jobs_instances/", Essential: "series would not have the label",
		Why: "Labels that begin with __ are dropped at the scrape, job and instance are set there, and le and quantile tell the parts of histograms and summaries apart."},
	{ID: "metric/reserved-suffix", Severity: diag.Error, Title: "A suffix that belongs to parts of other metrics", Source: "https://prometheus.io/docs/instrumenting/exposition_formats/",
		Why: "_bucket, _sum and _count are series of histograms, _info is a gauge that is always 1." + byReason},
	{ID: "metric/stale-waiver", Severity: diag.Warning, Title: "An exception that is no longer needed", Source: naming,
		Why: "The metric gives a reason for breaking a rule that it keeps; the reason misleads, and excuses the next fault unseen."},
	{ID: "metric/states", Severity: diag.Error, Title: "States that cannot be told apart", Source: "https://grafana.com/docs/grafana/latest/panels-visualizations/configure-value-mappings/", Essential: "panels cannot name the values",
		Why: "States give names to values of a gauge, one name to each value within its range."},
	{ID: "metric/suffix-clash", Severity: diag.Error, Title: "A metric that takes a name of a histogram's series", Source: dataModel, Essential: "one name can hold only one series",
		Why: "A classic histogram exposes _bucket, _sum and _count beneath its name."},
	{ID: "metric/total-not-counter", Severity: diag.Error, Title: "A _total that is no counter", Source: naming,
		Why: "Readers, and OpenMetrics parsers, take the series for a counter and apply rate() to it." + byReason},
	{ID: "metric/type-in-name", Severity: diag.Error, Title: "A type within a metric's name", Source: naming,
		Why: "The type stands beside the name everywhere, and a name that says another one lies after the first change." + byReason},
	{ID: "metric/unit-suffix", Severity: diag.Error, Title: "A name that says another unit than the declaration", Source: naming + "#base-units",
		Why: "Panels print the declared unit, people read the name: one of them is wrong." + byReason},
}
