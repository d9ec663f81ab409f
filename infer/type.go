package infer

import (
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/unit"
)

// Certainty is a fact's truth over all data that the catalog allows. The zero Certainty is Maybe, since
// what nobody said is not known.
type Certainty uint8

const (
	// Maybe holds for some data and not for other, or is not known.
	Maybe Certainty = iota
	// Never holds for no data.
	Never
	// Must holds for all data.
	Must
)

// String returns "maybe", "never" or "must".
func (c Certainty) String() string { return [...]string{"maybe", "never", "must"}[min(c, Must)] }

// not returns the certainty of the opposite.
func not(c Certainty) Certainty {
	switch c {
	case Never:
		return Must
	case Must:
		return Never
	}
	return Maybe
}

// either returns what is known of a value that is described by one of a and b.
func either(a, b Certainty) Certainty {
	if a == b {
		return a
	}
	return Maybe
}

// Kind is what a number says about what it measures.
type Kind uint8

// The kinds of value. The histogram kinds hold the buckets of a classic histogram or the samples of a
// native one.
const (
	Unknown    Kind = iota
	Constant        // written in the expression: 5, vector(1)
	Counter         // grows until a restart; also the count and sum of a histogram
	Gauge           // goes up and down; also timestamps and states
	Bucket          // the growing buckets of a classic histogram, with the label le
	Native          // a growing native histogram
	Rate            // growth per second
	Increase        // growth over a window
	BucketRate      // growth of buckets, by rate or increase
	NativeRate      // growth of a native histogram, by rate or increase
	Delta           // difference, or slope, of a gauge
	Ratio           // a part of a whole, or one amount in terms of another
	Quantile        // a quantile of observations, samples or series
	Mean            // an average
	Extremum        // a minimum or maximum
	Counted         // a number of series, samples or changes
	Cumulative      // an aggregate of raw counters, of which no rate can be taken
	Bool            // 0 or 1, by a comparison
)

var kindNames = [...]string{
	"", "constant", "counter", "gauge", "buckets", "native histogram", "rate", "increase", "bucket growth",
	"native growth", "delta", "ratio", "quantile", "mean", "extremum", "count", "cumulative", "bool",
}

// String returns the kind as a word or two, "" for Unknown.
func (k Kind) String() string {
	if int(k) >= len(kindNames) {
		return ""
	}
	return kindNames[k]
}

// CountsUp reports whether the kind is that of raw series of which a rate can be taken.
func (k Kind) CountsUp() bool { return k == Counter || k == Bucket || k == Native }

// Type is what is known of the value of one node. The zero Type knows nothing, but for its Range, which
// is to be Anything where nothing is known.
type Type struct {
	// Value is the node's PromQL type.
	Value parser.ValueType
	Kind  Kind
	// Unit is that of the samples; of an increase and of a count, that of what is counted.
	Unit unit.Unit
	// Observed is the unit of an observation, where the series belong to a histogram: Unit of its buckets
	// is observations, Observed is seconds.
	Observed unit.Unit
	Labels   Labels
	// Range is what the samples that are numbers can be.
	Range Range
	// Empty says whether there can be no series at all.
	Empty Certainty
	// Native says whether samples are native histograms instead of numbers.
	Native Certainty
	// counts says that the native histograms count observations of Metric, so that no bucket is negative.
	counts bool
	// Metric is the one metric that the value is made of, nil where there is none or several.
	Metric *catalog.Metric

	form *form
}

// anything returns the type of which only the PromQL type is known.
func anything(v parser.ValueType) Type {
	t := Type{Value: v, Range: Anything}
	if v == parser.ValueTypeScalar || v == parser.ValueTypeString {
		t.Labels.closed, t.Empty, t.Native = true, Never, Never
	}
	return t
}

// MayBeEmpty reports whether there can be no series at all.
func (t Type) MayBeEmpty() bool { return t.Empty != Never }

// join returns what is known of a value that is described by one of a and b: the hull of both.
func join(a, b Type) Type {
	switch {
	case a.Empty == Must:
		b.Empty = either(a.Empty, b.Empty)
		return b
	case b.Empty == Must:
		a.Empty = either(a.Empty, b.Empty)
		return a
	}
	t := Type{
		Value:    a.Value,
		Kind:     joinKinds(a.Kind, b.Kind),
		Unit:     unit.Common(a.Unit, b.Unit),
		Observed: unit.Common(a.Observed, b.Observed),
		Labels:   joinLabels(a.Labels, b.Labels),
		Range:    a.Range.hull(b.Range),
		Empty:    either(a.Empty, b.Empty),
		Native:   either(a.Native, b.Native),
		counts:   (a.counts || a.Native == Never) && (b.counts || b.Native == Never),
	}
	if a.Metric == b.Metric {
		t.Metric = a.Metric
	}
	return t
}

// joinKinds keeps a kind beside a constant: sum(x) or vector(0) is read as sum(x).
func joinKinds(a, b Kind) Kind {
	switch {
	case a == b, b == Constant:
		return a
	case a == Constant:
		return b
	}
	return Unknown
}
