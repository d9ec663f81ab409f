package query

import "github.com/obsgen/obsgen/diag"

const (
	operators = "https://prometheus.io/docs/prometheus/latest/querying/operators/"
	functions = "https://prometheus.io/docs/prometheus/latest/querying/functions/"
	basics    = "https://prometheus.io/docs/prometheus/latest/querying/basics/"

	noQuery   = "there is no expression that could be written"
	otherThan = "the expression would not be the declared one"
)

// Docs document the faults of an expression's construction.
var Docs = []diag.Doc{
	{ID: "query/bool", Severity: diag.Error, Title: "Bool of something other than a comparison", Source: operators + "#comparison-binary-operators", Essential: otherThan,
		Why: "bool turns the filter of one comparison into 0 and 1; conditions that And, Or or Unless join have no such form."},
	{ID: "query/bucket", Severity: diag.Error, Title: "A bound that is no bucket", Source: "https://prometheus.io/docs/practices/histograms/#apdex-score",
		Why: "A histogram knows how many observations lie at or below its own bounds only; for any other bound there is no series."},
	{ID: "query/clamp", Severity: diag.Error, Title: "A clamp whose lower bound is above the upper one", Source: functions + "#clamp",
		Why: "clamp then returns an empty vector, whatever the data."},
	{ID: "query/empty", Severity: diag.Error, Title: "An operand without an expression", Source: "https://go.dev/ref/spec#Package_initialization", Essential: noQuery,
		Why: "The zero Vector, often a variable that is not set yet, cannot be calculated with."},
	{ID: "query/label", Severity: diag.Error, Title: "A label that the series do not have", Source: operators + "#aggregation-operators", Essential: otherThan,
		Why: "A matcher on such a label selects nothing, and grouping by it puts everything into one group."},
	{ID: "query/matcher", Severity: diag.Error, Title: "A matcher that selects nothing", Source: basics + "#instant-vector-selectors", Essential: otherThan,
		Why: "The label is declared with its values, and none of them passes, or the regular expression does not compile."},
	{ID: "query/matching", Severity: diag.Error, Title: "Vector matching that cannot work", Source: operators + "#vector-matching", Essential: otherThan,
		Why:     "on() needs its labels on both sides; labels that Group.Keep or Dashboard.Keep adds come after the matching, so a join names them in its aggregations.",
		Example: diag.Example{Of: diag.Declared, Wrong: "query.Rate(Total).Sum().Mul(query.Select(BuildInfo), query.On(catalog.Job))", Right: "query.Rate(Total).Sum(catalog.Job).Mul(query.Select(BuildInfo), query.On(catalog.Job))"}},
	{ID: "query/parse", Severity: diag.Error, Title: "A text that is not PromQL", Source: basics, Essential: noQuery,
		Why: "query.Parse reads PromQL in which $1, $2 and so on stand for the metrics that follow, and $window for the window."},
	{ID: "query/quantile", Severity: diag.Error, Title: "A quantile outside of 0 to 1", Source: functions + "#histogram_quantile",
		Why:     "The quantile is a ratio: the 95th percentile is 0.95. Outside of 0 to 1 the result is an infinity.",
		Example: diag.Example{Of: diag.Declared, Wrong: "query.Quantile(95, Duration)", Right: "query.Quantile(0.95, Duration)"}},
	{ID: "query/ratio", Severity: diag.Error, Title: "A ratio whose numerator is not a subset of the denominator", Source: "https://prometheus.io/docs/practices/rules/#aggregation",
		Why: "Ratio promises a value from 0 to 1. That holds where both sides count one counter over one window by the same labels, and the numerator has every matcher of the denominator, or where Spec.PartOf says so."},
	{ID: "query/threshold", Severity: diag.Error, Title: "A comparison with NaN", Source: operators + "#comparison-binary-operators",
		Why: "No value is equal to, above or below NaN."},
	{ID: "query/topk", Severity: diag.Error, Title: "The top 0 of a vector", Source: operators + "#topk-and-bottomk",
		Why: "topk and bottomk of less than 1 return nothing."},
	{ID: "query/window", Severity: diag.Error, Title: "A window that holds no sample", Source: basics + "#range-vector-selectors", Essential: noQuery,
		Why: "A range is positive, and a subquery's window holds at least one of its steps."},
}
