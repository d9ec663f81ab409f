package infer

import (
	"math"

	"github.com/prometheus/prometheus/promql/parser"
)

// Range is an interval that holds every number that a value can be. An infinite end that is open is a
// bound that nobody knows; a closed one says that the value can be infinite. Bounds hold but for the
// rounding of floating-point numbers, and numbers without a bound are taken to stay below 1e30: what
// is made of them overflows only by large powers and large factors.
type Range struct {
	Lo, Hi         float64
	OpenLo, OpenHi bool
	// NaN says that the value can be NaN, which lies in no interval.
	NaN bool
	// Whole says that every number that is finite is an integer.
	Whole bool
	// plusZero says that a zero among them is never -0, by which a division gives -Inf.
	plusZero bool
}

var inf = math.Inf(1)

// Anything is the range of which nothing is known.
var Anything = Range{Lo: -inf, Hi: inf, NaN: true}

// finite is any number, but neither infinite nor NaN.
var finite = Range{Lo: -inf, Hi: inf, OpenLo: true, OpenHi: true}

// onlyNaN is the range of a value that is never a number.
var onlyNaN = Range{Lo: inf, Hi: -inf, NaN: true}

func exactly(v float64) Range {
	if math.IsNaN(v) {
		return onlyNaN
	}
	return Range{Lo: v, Hi: v, Whole: whole(v), plusZero: !math.Signbit(v)}
}

func between(lo, hi float64) Range { return Range{Lo: lo, Hi: hi, plusZero: lo >= 0} }

// atLeast is finite from lo on.
func atLeast(lo float64) Range { return Range{Lo: lo, Hi: inf, OpenHi: true, plusZero: lo >= 0} }

func integers(lo, hi float64) Range {
	return Range{Lo: lo, Hi: hi, OpenLo: math.IsInf(lo, -1), OpenHi: math.IsInf(hi, 1), Whole: true, plusZero: lo >= 0}
}

func whole(v float64) bool { return v == math.Trunc(v) && !math.IsInf(v, 0) }

// Exactly returns the one number that the value can be.
func (r Range) Exactly() (v float64, ok bool) { return r.Lo, r.Lo == r.Hi && !r.NaN }

// Contains reports whether the value can be v.
func (r Range) Contains(v float64) bool {
	switch {
	case math.IsNaN(v):
		return r.NaN
	case v < r.Lo, v > r.Hi, v == r.Lo && r.OpenLo, v == r.Hi && r.OpenHi, r.Whole && !whole(v) && !math.IsInf(v, 0):
		return false
	}
	return true
}

// IsBounded reports whether both ends are known.
func (r Range) IsBounded() bool { return !math.IsInf(r.Lo, 0) && !math.IsInf(r.Hi, 0) && !r.void() }

// void reports whether the value is no number at all.
func (r Range) void() bool { return r.Lo > r.Hi || r.Lo == r.Hi && (r.OpenLo || r.OpenHi) }

func (r Range) orNaN(maybe bool) Range {
	r.NaN = r.NaN || maybe
	return r
}

func (r Range) nonNegative() bool { return r.Lo >= 0 }

func (r Range) posInf() bool { return r.Hi == inf && !r.OpenHi && !r.void() }
func (r Range) negInf() bool { return r.Lo == -inf && !r.OpenLo && !r.void() }
func (r Range) mayBeInf() bool {
	return r.posInf() || r.negInf()
}

// mayBeZero reports whether 0 lies inside.
func (r Range) mayBeZero() bool { return r.Contains(0) }

// neverMinusZero reports whether no value is -0.
func (r Range) neverMinusZero() bool { return r.plusZero || !r.mayBeZero() }

// unsigned reports whether no value has a minus sign, -0 included.
func (r Range) unsigned() bool { return r.nonNegative() && r.neverMinusZero() }

// hull is the smallest range that holds both.
func (r Range) hull(s Range) Range {
	switch {
	case r.void():
		return s.orNaN(r.NaN)
	case s.void():
		return r.orNaN(s.NaN)
	}
	h := Range{NaN: r.NaN || s.NaN, Whole: r.Whole && s.Whole, plusZero: r.neverMinusZero() && s.neverMinusZero()}
	h.Lo, h.OpenLo = lower(r.Lo, r.OpenLo, s.Lo, s.OpenLo)
	h.Hi, h.OpenHi = higher(r.Hi, r.OpenHi, s.Hi, s.OpenHi)
	return h
}

// lower returns the lower of two ends; of equal ones, the one that is closed.
func lower(a float64, openA bool, b float64, openB bool) (float64, bool) {
	switch {
	case a < b:
		return a, openA
	case b < a:
		return b, openB
	}
	return a, openA && openB
}

// higher returns the higher of two ends; of equal ones, the one that is closed.
func higher(a float64, openA bool, b float64, openB bool) (float64, bool) {
	v, open := lower(-a, openA, -b, openB)
	return -v, open
}

// within is the part of r that lies inside s; of equal ends, the one that is open.
func (r Range) within(s Range) Range {
	if s.Lo > r.Lo || s.Lo == r.Lo && s.OpenLo {
		r.Lo, r.OpenLo = s.Lo, s.OpenLo
	}
	if s.Hi < r.Hi || s.Hi == r.Hi && s.OpenHi {
		r.Hi, r.OpenHi = s.Hi, s.OpenHi
	}
	r.Whole = r.Whole || s.Whole
	return r.tidy()
}

// tidy moves the ends of a range of integers onto integers.
func (r Range) tidy() Range {
	if !r.Whole {
		return r
	}
	if !math.IsInf(r.Lo, 0) {
		if c := math.Ceil(r.Lo); c != r.Lo || r.OpenLo {
			if c == r.Lo {
				c++
			}
			r.Lo, r.OpenLo = c, false
		}
	}
	if !math.IsInf(r.Hi, 0) {
		if f := math.Floor(r.Hi); f != r.Hi || r.OpenHi {
			if f == r.Hi {
				f--
			}
			r.Hi, r.OpenHi = f, false
		}
	}
	return r
}

func (r Range) neg() Range {
	r.Lo, r.Hi = -r.Hi, -r.Lo
	r.OpenLo, r.OpenHi, r.plusZero = r.OpenHi, r.OpenLo, false
	return r
}

func (r Range) add(s Range) Range {
	out := Range{Whole: r.Whole && s.Whole, plusZero: r.neverMinusZero() || s.neverMinusZero()}
	out.Lo, out.OpenLo = sumEnd(r.Lo, r.OpenLo, s.Lo, s.OpenLo, -inf)
	out.Hi, out.OpenHi = sumEnd(r.Hi, r.OpenHi, s.Hi, s.OpenHi, inf)
	out.NaN = r.NaN || s.NaN || r.posInf() && s.negInf() || r.negInf() && s.posInf()
	return out.orVoid(r, s)
}

// sumEnd adds two ends. An infinite sum is open where every infinite summand is, and where it did not overflow.
func sumEnd(a float64, openA bool, b float64, openB bool, unbounded float64) (float64, bool) {
	v := a + b
	switch {
	case math.IsNaN(v):
		return unbounded, false
	case math.IsInf(v, 0):
		return v, infiniteOpen(end{a, openA}, end{b, openB})
	}
	return v, openA || openB
}

// far is a number by which one without a bound is multiplied until it overflows.
const far = 1e200

// infiniteOpen reports whether an infinite end that is made of two ends is open.
func infiniteOpen(a, b end) bool {
	endless := func(e end) bool { return math.IsInf(e.v, 0) }
	return (a.open || !endless(a)) && (b.open || !endless(b)) && (endless(a) || endless(b)) &&
		(endless(a) || math.Abs(a.v) < far) && (endless(b) || math.Abs(b.v) < far)
}

// orVoid is r, or no number where an operand is none.
func (r Range) orVoid(operands ...Range) Range {
	for _, o := range operands {
		if o.void() {
			return onlyNaN
		}
	}
	return r
}

func (r Range) sub(s Range) Range { return r.add(s.neg()) }

// ends returns both ends of a range.
func (r Range) ends() [2]end { return [2]end{{r.Lo, r.OpenLo}, {r.Hi, r.OpenHi}} }

type end struct {
	v    float64
	open bool
}

// corners is the hull of an operation's results at the four corners of two ranges, which holds for
// operations that are monotone in each operand. A corner without a value bounds nothing.
func corners(r, s Range, op func(a, b end) end) Range {
	out := Range{Lo: inf, Hi: -inf, OpenLo: true, OpenHi: true}
	for _, a := range r.ends() {
		for _, b := range s.ends() {
			c := op(a, b)
			if math.IsNaN(c.v) {
				continue
			}
			out.Lo, out.OpenLo = lower(out.Lo, out.OpenLo, c.v, c.open)
			out.Hi, out.OpenHi = higher(out.Hi, out.OpenHi, c.v, c.open)
		}
	}
	return out
}

func product(a, b end) end {
	v := a.v * b.v
	switch {
	case v == 0, math.IsNaN(v):
		// 0 times anything is 0, whether the other end is reached or not, and so it is near infinity
		return end{0, !(a.v == 0 && !a.open || b.v == 0 && !b.open)}
	case math.IsInf(v, 0):
		return end{v, infiniteOpen(a, b)}
	}
	return end{v, a.open || b.open}
}

func (r Range) mul(s Range) Range {
	out := corners(r, s, product)
	out.Whole, out.plusZero = r.Whole && s.Whole, r.unsigned() && s.unsigned()
	out.NaN = r.NaN || s.NaN || r.mayBeZero() && s.mayBeInf() || s.mayBeZero() && r.mayBeInf()
	return out.orVoid(r, s)
}

func (r Range) div(s Range) Range {
	nan := r.NaN || s.NaN || r.mayBeZero() && s.mayBeZero() || r.mayBeInf() && s.mayBeInf()
	var out Range
	switch {
	case r.void() || s.void():
		return onlyNaN
	case s.Lo == 0 && s.Hi == 0:
		// something divided by nothing is infinite, nothing is NaN
		out = onlyNaN
		if r.Hi > 0 || r.Lo < 0 && !s.plusZero {
			out = out.hull(exactly(inf))
		}
		if r.Lo < 0 || r.Hi > 0 && !s.plusZero {
			out = out.hull(exactly(-inf))
		}
	case s.Lo < 0 && s.Hi > 0, s.Contains(0) && !s.unsigned():
		out = Anything
	case s.Contains(0) && r.nonNegative():
		out = Range{Lo: r.Lo / s.Hi, Hi: inf, OpenLo: r.OpenLo || s.OpenHi && r.Lo != 0}
		if math.IsNaN(out.Lo) {
			out.Lo = 0
		}
	case s.Contains(0):
		out = Range{Lo: -inf, Hi: inf}
		if r.Hi <= 0 {
			out.Hi = 0
		}
	default: // 0 is at most an end that is not reached
		below := s.Hi <= 0
		out = corners(r, s, func(a, b end) end { return quotient(a, b, below) })
	}
	out.NaN, out.plusZero = nan, r.unsigned() && s.unsigned()
	return out
}

// quotient divides two ends. A divisor that ends at 0 comes as near to it as one likes, from below or
// from above.
func quotient(a, b end, below bool) end {
	v := a.v / b.v
	switch {
	case a.v == 0:
		return a
	case math.IsNaN(v):
		return end{} // what is finite, divided by infinity
	case b.v == 0:
		v = math.Copysign(inf, a.v)
		if below {
			v = -v
		}
		return end{v, true}
	case math.IsInf(v, 0):
		return end{v, a.open}
	}
	return end{v, a.open || b.open}
}

// mod is the range of the remainder, which has the sign of the dividend.
func (r Range) mod(s Range) Range {
	if r.void() || s.void() {
		return onlyNaN
	}
	most := math.Max(math.Abs(s.Lo), math.Abs(s.Hi))
	out := Range{Lo: -most, Hi: most, OpenLo: true, OpenHi: true, Whole: r.Whole && s.Whole, plusZero: r.unsigned()}
	if r.nonNegative() {
		out.Lo, out.OpenLo = 0, false
	}
	if r.Hi <= 0 {
		out.Hi, out.OpenHi = 0, false
	}
	if r.Lo > -most {
		out.Lo, out.OpenLo = math.Min(r.Lo, 0), false
	}
	if r.Hi < most {
		out.Hi, out.OpenHi = math.Max(r.Hi, 0), false
	}
	return out.orNaN(r.NaN || s.NaN || s.mayBeZero() || r.mayBeInf())
}

// pow is the range of r to the power of s.
func (r Range) pow(s Range) Range {
	n, fixed := s.Exactly()
	base, fixedBase := r.Exactly()
	switch {
	case fixed && fixedBase:
		return exactly(math.Pow(base, n))
	case fixed && n == 0:
		return exactly(1)
	case fixed && n > 0 && n < inf && (r.nonNegative() || whole(n) && math.Mod(n, 2) == 1):
		out := Range{Lo: math.Pow(r.Lo, n), Hi: math.Pow(r.Hi, n), OpenLo: r.OpenLo, OpenHi: r.OpenHi, NaN: r.NaN, plusZero: r.unsigned()}
		out.Whole = r.Whole && whole(n)
		return out.overflowing(n)
	case fixed && n > 0 && whole(n):
		out := r.abs()
		out.Lo, out.Hi = math.Pow(out.Lo, n), math.Pow(out.Hi, n)
		return out.overflowing(n)
	case r.nonNegative() && (s.nonNegative() || r.unsigned()):
		return Range{Lo: 0, Hi: inf, NaN: r.NaN || s.NaN, plusZero: r.unsigned()}
	}
	return Anything
}

// overflowing is the range of a power: one of more than 10 can be infinite where the base has no bound.
func (r Range) overflowing(n float64) Range {
	if n > 10 {
		r.OpenLo, r.OpenHi = r.OpenLo && r.Lo != -inf, r.OpenHi && r.Hi != inf
	}
	return r
}

func (r Range) abs() Range {
	switch {
	case r.nonNegative():
		r.plusZero = true
		return r
	case r.Hi <= 0:
		r = r.neg()
		r.plusZero = true
		return r
	}
	out := Range{NaN: r.NaN, Whole: r.Whole, plusZero: true}
	out.Hi, out.OpenHi = higher(-r.Lo, r.OpenLo, r.Hi, r.OpenHi)
	return out
}

// least and most are the ranges of the lower and of the higher of two values.
func (r Range) least(s Range) Range {
	// The engine's minimum of NaN and -Inf is -Inf, not NaN, as Go's is.
	for _, x := range [][2]Range{{r, s}, {s, r}} {
		if x[0].void() && x[1].Contains(-inf) {
			v, certain := x[1].Exactly()
			return Range{Lo: -inf, Hi: -inf, NaN: !certain || v != -inf}
		}
	}
	out := Range{NaN: r.NaN || s.NaN, Whole: r.Whole && s.Whole, plusZero: r.neverMinusZero() && s.neverMinusZero()}
	out.Lo, out.OpenLo = lower(r.Lo, r.OpenLo, s.Lo, s.OpenLo)
	hi, open := higher(-r.Hi, r.OpenHi, -s.Hi, s.OpenHi)
	out.Hi, out.OpenHi = -hi, open
	return out.orVoid(r, s)
}

func (r Range) most(s Range) Range {
	out := r.neg().least(s.neg()).neg()
	out.plusZero = r.neverMinusZero() && s.neverMinusZero()
	return out
}

// arithmetic is the range of an arithmetic operator's result.
func arithmetic(op parser.ItemType, a, b Range) Range {
	switch op {
	case parser.ADD:
		return a.add(b)
	case parser.SUB:
		return a.sub(b)
	case parser.MUL:
		return a.mul(b)
	case parser.DIV:
		return a.div(b)
	case parser.MOD:
		return a.mod(b)
	case parser.POW:
		return a.pow(b)
	case parser.ATAN2:
		return Range{Lo: -math.Pi, Hi: math.Pi, NaN: a.NaN || b.NaN}
	}
	return Anything
}

// compare returns whether a comparison holds, and what the left side is where it does.
func compare(op parser.ItemType, v, w Range) (truth Certainty, kept Range) {
	kept = v
	kept.NaN = false
	switch op {
	case parser.EQLC:
		return equal(v, w), kept.within(Range{Lo: w.Lo, Hi: w.Hi, OpenLo: w.OpenLo, OpenHi: w.OpenHi, Whole: w.Whole})
	case parser.NEQ:
		truth = not(equal(v, w))
		if x, ok := w.Exactly(); ok {
			kept.OpenLo = kept.OpenLo || kept.Lo == x
			kept.OpenHi = kept.OpenHi || kept.Hi == x
			kept = kept.tidy()
		}
		return truth, kept.orNaN(v.NaN) // NaN differs from everything, itself included
	case parser.LSS:
		return below(v, w, false), kept.within(Range{Lo: -inf, Hi: w.Hi, OpenHi: true})
	case parser.LTE:
		return below(v, w, true), kept.within(Range{Lo: -inf, Hi: w.Hi, OpenHi: w.OpenHi})
	case parser.GTR:
		return below(v.neg(), w.neg(), false), kept.within(Range{Lo: w.Lo, OpenLo: true, Hi: inf})
	case parser.GTE:
		return below(v.neg(), w.neg(), true), kept.within(Range{Lo: w.Lo, OpenLo: w.OpenLo, Hi: inf})
	}
	return Maybe, v
}

// equal says whether v == w.
func equal(v, w Range) Certainty {
	a, fixedA := v.Exactly()
	b, fixedB := w.Exactly()
	common := v.within(w)
	switch {
	case fixedA && fixedB && a == b:
		return Must
	case v.void(), w.void(), common.void():
		return Never
	case v.Whole && fixedB && !whole(b), w.Whole && fixedA && !whole(a):
		return Never
	}
	return Maybe
}

// below says whether v < w, or v <= w with orEqual.
func below(v, w Range, orEqual bool) Certainty {
	apart := v.Lo == w.Hi && (v.OpenLo || w.OpenHi) // the ends meet, but are not both reached
	touch := v.Hi == w.Lo && (v.OpenHi || w.OpenLo)
	switch {
	case v.void(), w.void(), v.Lo > w.Hi, v.Lo == w.Hi && (!orEqual || apart):
		return Never
	case v.NaN, w.NaN:
		return Maybe
	case v.Hi < w.Lo, v.Hi == w.Lo && (orEqual || touch):
		return Must
	}
	return Maybe
}
