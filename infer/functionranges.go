package infer

import (
	"math"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/unit"
)

// extrapolation is by how much rate, increase and delta can stretch what they saw: to the window's ends,
// but at most 1.1 of the average gap between samples at each end, of which two samples have one.
const extrapolation = 3.2

// anyNumber is what functions are defined on that take every number.
var anyNumber = Range{Lo: -inf, Hi: inf}

// growing is the range of a counter's growth.
func growing(c *call) Range {
	if c.t.Range.nonNegative() && !c.t.Range.NaN {
		return Range{Lo: 0, Hi: inf, OpenHi: !c.t.Range.posInf(), NaN: c.t.Range.posInf(), plusZero: true}
	}
	return unbounded(c)
}

// unbounded is any number, and infinite or NaN where samples can be.
func unbounded(c *call) Range {
	if c.t.Range.NaN || c.t.Range.mayBeInf() {
		return Anything
	}
	return finite
}

// extrapolated is unbounded, and anything where a number that is given can be infinite or NaN.
func extrapolated(c *call) Range {
	for _, a := range c.args {
		if a.Value == parser.ValueTypeScalar && (a.Range.NaN || a.Range.mayBeInf()) {
			return Anything
		}
	}
	return unbounded(c)
}

// differing is the range of a difference of two samples, stretched by up to a factor.
func differing(factor float64) func(*call) Range {
	return func(c *call) Range {
		if r := c.t.Range; r.IsBounded() && !r.NaN {
			most := (r.Hi - r.Lo) * factor
			return Range{Lo: -most, Hi: most, Whole: r.Whole && factor == 1}
		}
		return unbounded(c)
	}
}

func fractions(c *call) Range {
	r := c.t.Range
	r.Whole = false
	return r.orNaN(r.posInf() && r.negInf())
}

func summed(c *call) Range { return sumRange(c.t.Range) }

// additive is the unit of a sum: points in time have none.
func additive(t Type) unit.Unit {
	if t.Unit.IsPoint() {
		return unit.Unknown
	}
	return t.Unit
}

func sumOverTime(t Type) Kind { return aggregateKind(t.Kind, Unknown) }

func spread(c *call) Range {
	if r := c.t.Range; r.IsBounded() {
		return between(0, r.Hi-r.Lo).orNaN(r.NaN)
	}
	return Range{Lo: 0, Hi: inf, OpenHi: !c.t.Range.mayBeInf(), NaN: c.t.Range.NaN || c.t.Range.mayBeInf(), plusZero: true}
}

func area(c *call) Range {
	r := unbounded(c)
	if c.t.Range.nonNegative() {
		r.Lo, r.OpenLo = 0, false
	}
	return r
}

// numeric is the kind of a number that was rounded or limited.
func numeric(t Type) Kind {
	if t.Kind.CountsUp() || t.Kind == BucketRate || t.Kind == Cumulative {
		return Unknown
	}
	return t.Kind
}

func rounded(f func(float64) float64) func(*call) Range {
	return func(c *call) Range {
		r := c.t.Range
		if r.void() {
			return r
		}
		out := Range{Lo: f(r.Lo), Hi: f(r.Hi), NaN: r.NaN, Whole: !r.mayBeInf(), plusZero: r.unsigned()}
		out.OpenLo, out.OpenHi = r.OpenLo && r.Lo == -inf, r.OpenHi && r.Hi == inf
		return out
	}
}

// nearestMultiple is the range of round().
func nearestMultiple(c *call) Range {
	to, ok := c.limit(2, exactly(1)).Exactly()
	if !ok || !(to > 0) || math.IsInf(to, 1) {
		return Anything
	}
	f := func(v float64) float64 {
		if math.IsInf(v, 0) {
			return v
		}
		return math.Floor(v/to+0.5) * to
	}
	out := rounded(f)(c)
	out.Whole = out.Whole && whole(to)
	return out
}

func sign(c *call) Range {
	r := Range{Lo: -1, Hi: 1, NaN: c.t.Range.NaN, Whole: true, plusZero: c.t.Range.neverMinusZero()}
	if c.t.Range.nonNegative() {
		r.Lo = 0
	}
	if c.t.Range.Hi <= 0 {
		r.Hi = 0
	}
	return r.orVoid(c.t.Range)
}

func wave(c *call) Range {
	return Range{Lo: -1, Hi: 1, NaN: c.t.Range.NaN || c.t.Range.mayBeInf()}.orVoid(c.t.Range)
}

// image is the range of a rising function that is defined on a domain; gentle is one that does not reach
// infinity, or its bound, by rounding.
func image(f func(float64) float64, domain Range, gentle bool) func(*call) Range {
	return func(c *call) Range { return monotone(f, domain, c.t.Range, gentle) }
}

func monotone(f func(float64) float64, domain, r Range, gentle bool) Range {
	in := r.within(domain)
	in.Whole = false
	outside := r.Lo < domain.Lo || r.Hi > domain.Hi
	if in.void() {
		return onlyNaN
	}
	out := Range{Lo: f(in.Lo), Hi: f(in.Hi), NaN: r.NaN || outside, plusZero: in.unsigned() || f(-inf) == 0}
	if gentle {
		out.OpenLo = in.OpenLo && math.IsInf(in.Lo, -1)
		out.OpenHi = in.OpenHi && math.IsInf(in.Hi, 1)
	}
	return out
}

func falling(f func(float64) float64, domain, r Range) Range {
	out := monotone(func(v float64) float64 { return -f(v) }, domain, r, false)
	nan := out.NaN
	return out.neg().orNaN(nan)
}

// pure keeps units of bare numbers, and gives u for others.
func pure(u unit.Unit) func(Type) unit.Unit {
	return func(t Type) unit.Unit {
		if t.Unit.IsLiteral() || t.Unit == unit.One {
			return t.Unit
		}
		return u
	}
}
