package infer

import (
	"math"
	"strconv"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/unit"
)

// buckets returns the type of a function's histogram argument as a number without le; ok is false, and a
// fault recorded, where there is no bucket to read.
func (in *inferrer) buckets(c *call, arg int) (t Type, ok bool) {
	t, given := c.arg(arg)
	if given && t.Empty != Must && t.Native == Never && t.Labels.closed && !t.Labels.Has(labels.BucketLabel) {
		return in.faulty(in.noLE(c.node, c.node.Args[arg-1])), false
	}
	c.t = t
	out := t
	out.Labels = out.Labels.drop(metricName)
	switch t.Native {
	case Never:
		out.Labels = out.Labels.drop(labels.BucketLabel)
	case Maybe:
		if le := out.Labels.get(labels.BucketLabel); le.presence == Must {
			le.presence = Maybe // gone where the histogram is classic
			out.Labels = out.Labels.set(le)
		}
	}
	out.Labels = out.Labels.steady()
	if out.Empty == Never {
		out.Empty = Maybe
	}
	return out, true
}

func (in *inferrer) histogramQuantile(c *call) Type {
	t, ok := in.buckets(c, 2)
	if !ok {
		return t
	}
	phi, _ := c.arg(1)
	return t.number(Quantile, c.t.Observed, observedQuantile(phi.Range, c.t))
}

func (in *inferrer) histogramQuantiles(c *call) Type {
	t, ok := in.buckets(c, 1)
	if !ok {
		return t
	}
	r := onlyNaN
	for i := 3; i <= len(c.args); i++ {
		r = r.hull(observedQuantile(c.args[i-1].Range, c.t))
	}
	t = t.number(Quantile, c.t.Observed, r)
	if name, ok := c.constant(2); ok {
		t.Labels = t.Labels.set(label{name: name, presence: Must})
	} else {
		t.Labels = Labels{}
	}
	return t
}

func (in *inferrer) histogramFraction(c *call) Type {
	t, ok := in.buckets(c, 3)
	if !ok {
		return t
	}
	r := Anything
	if c.t.counts && c.t.Native == Must || c.t.Native == Never && (c.t.Kind == Bucket || c.t.Kind == BucketRate) {
		r = between(0, 1).orNaN(true)
	}
	return t.number(Ratio, unit.Ratio, r)
}

// observedQuantile is the range of a quantile of observations. Of classic buckets it is interpolated from
// 0, or from a first bound below, and never exceeds the highest finite bound. Without observations it is NaN.
func observedQuantile(phi Range, t Type) Range {
	r := Anything
	if t.Native == Never {
		r = boundsOf(t.Labels.Values(labels.BucketLabel))
	} else if t.Native == Must && t.counts && t.Metric != nil && observed(t.Metric).nonNegative() {
		// of a bucket around zero alone the lower half lies below it
		if r = (Range{Lo: 0, Hi: inf}); !(phi.Lo >= 0.5) {
			r.Lo = -inf
		}
	}
	r.NaN = true
	if !(phi.Lo >= 0) {
		r = r.hull(exactly(-inf))
	}
	if !(phi.Hi <= 1) {
		r = r.hull(exactly(inf))
	}
	return r
}

func boundsOf(les Values) Range {
	set, closed := les.Set()
	if !closed {
		return Anything
	}
	r := onlyNaN
	for _, s := range set {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return Anything
		}
		if !math.IsInf(v, 0) {
			r = r.hull(between(math.Min(0, v), v))
		}
	}
	return r
}

// ofNative returns a function that reads native histograms and nothing else.
func ofNative(kind func(Type) Kind, u func(Type) unit.Unit, values func(*call) Range) function {
	return function{series: 1, native: asNumbers, whole: func(in *inferrer, c *call) Type {
		if c.t.Native == Never && c.t.Empty != Must {
			out := in.faulty(needsNative(c.node, c.node.Args[0], c.t))
			out.Empty = Must
			return out
		}
		t := c.t
		t.Labels = t.Labels.drop(metricName)
		if t.Native == Maybe && t.Empty == Never {
			t.Empty = Maybe
		}
		t.Value = parser.ValueTypeVector
		return t.number(kind(c.t), u(c.t), values(c))
	}}
}

func countKind(t Type) Kind {
	switch {
	case t.Kind == Native:
		return Counter
	case t.Kind == NativeRate && t.Unit == observations:
		return Increase
	case t.Kind == NativeRate:
		return Rate
	}
	return Unknown
}

func observedUnit(t Type) unit.Unit { return t.Observed }

// summedObservations is the unit of a histogram's sum, per second where its count is.
func summedObservations(t Type) unit.Unit {
	switch t.Unit {
	case observations:
		return t.Observed
	case unit.PerSecond(observations):
		return unit.PerSecond(t.Observed)
	}
	return unit.Unknown
}

func counting(c *call) Range {
	if c.t.counts {
		return atLeast(0)
	}
	return Anything
}

func summing(c *call) Range {
	if c.t.counts && c.t.Metric != nil && observed(c.t.Metric).nonNegative() {
		return atLeastZero
	}
	return Anything
}

func spreading(c *call) Range {
	if c.t.counts {
		return atLeastZero
	}
	return Anything
}

// atLeastZero is not negative, but can be infinite or NaN.
var atLeastZero = Range{Lo: 0, Hi: inf, NaN: true, plusZero: true}

func averaging(c *call) Range {
	if c.t.counts && c.t.Metric != nil {
		return observed(c.t.Metric).orNaN(true)
	}
	return Anything
}
