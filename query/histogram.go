package query

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/catalog"
)

// summed returns the rate of a histogram's series summed by labels and, if classic, le.
func summed(skip int, h catalog.Observes, ls []catalog.AnyLabel) *node {
	m := h.Def()
	s := catalog.Series{Metric: m}
	by := labelNames(ls)
	if m.Classic() {
		s.Suffix = "_bucket"
		by = append([]string{labels.BucketLabel}, by...)
	}
	w := matrix(skip+1, s, nil)
	rate := step(skip+1, call("rate", w.expr), w.names, w)
	return Grouping{Vector{rate}, by, false}.aggregate(skip+1, parser.SUM, nil, false)
}

// Quantile returns the φ-quantile of a histogram's observations over a window, by labels. The label le
// is added for a classic histogram. See https://prometheus.io/docs/practices/histograms/.
func Quantile(φ float64, h catalog.Observes, ls ...catalog.AnyLabel) Vector {
	s := summed(1, h, ls)
	n := step(1, call("histogram_quantile", number(φ), s.expr), s.names.without(labels.BucketLabel), s)
	if isBad(φ) {
		n.fault("query/quantile", fmt.Sprintf("a quantile of %v", φ), "use a number from 0 to 1")
	}
	return Vector{n}
}

// Buckets returns the rate of observations in each bucket of a histogram, by labels and le: what a
// heatmap draws.
//
//go:noinline
func Buckets(h catalog.Observes, ls ...catalog.AnyLabel) Vector { return Vector{summed(1, h, ls)} }

// Mean returns the mean of a histogram's observations over a window, by labels.
func Mean(h catalog.Observes, ls ...catalog.AnyLabel) Vector {
	part := func(suffix string) *node {
		v := overWindow(2, "rate", catalog.Series{Metric: h.Def(), Suffix: suffix}, nil)
		return Grouping{v, labelNames(ls), false}.aggregate(2, parser.SUM, nil, false)
	}
	return Vector{binary(1, parser.DIV, part("_sum"), part("_count"), nil)}
}

// Fraction returns the share of a histogram's observations that were at most bound, over a window, by
// labels. Of a classic histogram the bound must be one of its buckets, since anything else is a guess.
func Fraction(h catalog.Observes, bound float64, ls ...catalog.AnyLabel) Vector {
	m := h.Def()
	if !m.Classic() {
		s := summed(1, h, ls)
		return Vector{step(1, call("histogram_fraction", number(math.Inf(-1)), number(bound), s.expr), s.names, s)}
	}
	below := overWindow(1, "rate", catalog.Series{Metric: m, Suffix: "_bucket"}, nil)
	below.node.expr = Map(below.node.expr, func(e parser.Expr) parser.Expr {
		if vs, ok := e.(*parser.VectorSelector); ok {
			vs.LabelMatchers = append(slices.Clone(vs.LabelMatchers), bucketMatcher(bound))
		}
		return e
	})
	all := overWindow(1, "rate", catalog.Series{Metric: m, Suffix: "_count"}, nil)
	n := binary(1, parser.DIV,
		Grouping{below, labelNames(ls), false}.aggregate(1, parser.SUM, nil, false),
		Grouping{all, labelNames(ls), false}.aggregate(1, parser.SUM, nil, false), nil)
	if !slices.Contains(m.Buckets, bound) {
		n.fault("query/bucket", fmt.Sprintf("%v is no bucket of %s, which has %v", bound, m.Name, m.Buckets), "use one of its buckets, or add it")
	}
	return Vector{n}
}

// bucketMatcher selects the bucket of a bound. Prometheus 3 stores le="1.0" for what older versions and
// the text format write as le="1", so a whole number matches both spellings.
func bucketMatcher(bound float64) *labels.Matcher {
	text := strconv.FormatFloat(bound, 'g', -1, 64)
	if bound == math.Trunc(bound) {
		return labels.MustNewMatcher(labels.MatchRegexp, labels.BucketLabel, regexp.QuoteMeta(text)+`(\.0)?`)
	}
	return labels.MustNewMatcher(labels.MatchEqual, labels.BucketLabel, text)
}
