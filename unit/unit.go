// Package unit knows units as dimension and scale, their algebra, Grafana's ids for them, and how a
// value in a unit is printed. Standard library only.
//
// A unit is unknown until somebody says it: the zero Unit absorbs and silences, so that a check
// speaks only about what is certain.
package unit

import (
	"fmt"
	"math"
	"strings"
)

// base dimensions, the index into Unit.exp.
const (
	second = iota
	byteDim
	kelvin
	joule
	currency
	dimensions
)

var baseSymbols = [dimensions]string{"s", "B", "K", "J", "¤"}

type kind uint8

const (
	unknown kind = iota
	literal      // a number without a unit: fits every unit
	known
)

// Unit is a dimension (exponents over base dimensions), a scale (the size of one unit in base units:
// a millisecond is 1e-3) and a noun that says what is counted. Units are comparable values. The zero
// Unit is unknown.
type Unit struct {
	kind  kind
	exp   [dimensions]int8
	scale float64
	noun  string // requests; "" where nothing is counted
	per   bool   // the noun is counted per second
	point bool   // a point in time, not a duration
	share bool   // a part of a whole: printed as a percentage
	state bool   // a code whose values have meanings
}

func base(dim int, scale float64) Unit {
	u := Unit{kind: known, scale: scale}
	u.exp[dim] = 1
	return u
}

// The units that metrics are declared in.
var (
	Unknown      = Unit{}
	Literal      = Unit{kind: literal, scale: 1}
	One          = Unit{kind: known, scale: 1}
	Seconds      = base(second, 1)
	Milliseconds = base(second, 1e-3)
	Microseconds = base(second, 1e-6)
	Nanoseconds  = base(second, 1e-9)
	Minutes      = base(second, 60)
	Hours        = base(second, 3600)
	Days         = base(second, 86400)
	Bytes        = base(byteDim, 1)
	Kibibytes    = base(byteDim, 1<<10)
	Mebibytes    = base(byteDim, 1<<20)
	Gibibytes    = base(byteDim, 1<<30)
	Bits         = base(byteDim, 0.125)
	Celsius      = Unit{kind: known, scale: 1, exp: exponent(kelvin), point: true}
	Joules       = base(joule, 1)

	// Ratio is a part of its whole, 0 to 1 where nothing is counted twice; Percent is the same times 100.
	Ratio   = Unit{kind: known, scale: 1, share: true}
	Percent = Unit{kind: known, scale: 0.01, share: true}

	// Timestamp is a point in time in seconds since 1970.
	Timestamp = Unit{kind: known, scale: 1, exp: exponent(second), point: true}

	// State is a code whose values have meanings of their own, such as 0 healthy and 1 degraded.
	State = Unit{kind: known, scale: 1, state: true}

	Requests    = Count("requests")
	Errors      = Count("errors")
	Connections = Count("connections")
	Messages    = Count("messages")
	Operations  = Count("operations")
	Events      = Count("events")
)

func exponent(dim int) (e [dimensions]int8) {
	e[dim] = 1
	return e
}

// Count returns the unit of things counted; noun is their plural, such as "requests".
func Count(noun string) Unit { return Unit{kind: known, scale: 1, noun: noun} }

// IsKnown reports whether the unit says something: it is neither unknown nor that of a bare number.
func (u Unit) IsKnown() bool { return u.kind == known }

// IsLiteral reports whether this is the unit of a bare number, which fits every unit.
func (u Unit) IsLiteral() bool { return u.kind == literal }

// IsPoint reports whether the unit is of a point (a time of day, a temperature), of which differences
// have a meaning and sums have none.
func (u Unit) IsPoint() bool { return u.point }

// IsShare reports whether the unit is a part of a whole (a ratio or a percentage).
func (u Unit) IsShare() bool { return u.share }

// IsState reports whether values are codes with meanings.
func (u Unit) IsState() bool { return u.state }

// IsDuration reports whether the unit is of time passed.
func (u Unit) IsDuration() bool { return u.kind == known && u.exp == exponent(second) && !u.point }

// IsBytes reports whether the unit is an amount of data.
func (u Unit) IsBytes() bool { return u.kind == known && u.exp == exponent(byteDim) }

// Noun returns what is counted, "" where nothing is.
func (u Unit) Noun() string { return u.noun }

// Scale returns the size of one unit in base units (seconds, bytes, ones).
func (u Unit) Scale() float64 { return u.scale }

// SameDimension reports whether values of both can be compared after scaling, whatever they count.
// Unknown and literal units agree with everything.
func (u Unit) SameDimension(v Unit) bool {
	return u.kind != known || v.kind != known || u.exp == v.exp
}

// Fits reports whether values of both units can be added and compared as they are: the same dimension
// and scale, and both points or both amounts. Unknown and literal units fit everything.
func (u Unit) Fits(v Unit) bool {
	return u.kind != known || v.kind != known || u.exp == v.exp && u.point == v.point && sameScale(u.scale, v.scale)
}

func sameScale(a, b float64) bool { return math.Abs(a-b) <= 1e-9*math.Max(math.Abs(a), math.Abs(b)) }

// Add returns the unit of a sum or difference of the two, or of either of them; ok is false where
// they do not fit.
func Add(a, b Unit) (sum Unit, ok bool) {
	switch {
	case a.kind == literal:
		return b, true
	case b.kind == literal:
		return a, true
	case a.kind == unknown || b.kind == unknown:
		return Unknown, true
	case a.point != b.point && a.exp == b.exp:
		// a time plus a duration is a time
		a.point = true
		return a, sameScale(a.scale, b.scale)
	case !a.Fits(b):
		return Unknown, false
	}
	return common(a, b), true
}

// Sub returns the unit of a - b: the difference of two points is an amount.
func Sub(a, b Unit) (diff Unit, ok bool) {
	diff, ok = Add(a, b)
	if ok && a.point && b.point {
		diff.point = false
	}
	return diff, ok
}

// common keeps of two units of one dimension what both say.
func common(a, b Unit) Unit {
	if a.noun != b.noun {
		a.noun = ""
	}
	a.share = a.share && b.share
	a.state = a.state && b.state
	a.per = a.per && b.per
	return a
}

// Common returns what holds for values of which some are in a and some in b; unknown where they differ.
func Common(a, b Unit) Unit {
	if a == b {
		return a
	}
	u, ok := Add(a, b)
	if !ok || a.point != b.point {
		return Unknown
	}
	return u
}

// Mul returns the unit of a product. A literal keeps the other unit.
func Mul(a, b Unit) Unit {
	if a.kind == literal {
		return plain(b)
	}
	if b.kind == literal {
		return plain(a)
	}
	if a.kind == unknown || b.kind == unknown || a.point || b.point {
		return Unknown
	}
	u := Unit{kind: known, scale: a.scale * b.scale}
	for i := range u.exp {
		u.exp[i] = a.exp[i] + b.exp[i]
	}
	switch {
	case a.share && a.scale == 1:
		return b // a share of something
	case b.share && b.scale == 1:
		return a
	}
	u.noun, u.per = a.noun, a.per
	if a.noun == "" {
		u.noun, u.per = b.noun, b.per
	} else if b.noun != "" {
		u.noun, u.per = "", false
	}
	if u.exp[second] >= 0 {
		u.per = false // req/s times seconds: requests again
	}
	return u
}

// plain drops what multiplying by a number destroys: twice a share need not be a share of anything,
// but it is still read as one; a state is a code no more.
func plain(u Unit) Unit {
	if u.state {
		return One
	}
	return u
}

// Div returns the unit of a quotient. Equal units give a ratio, and so do counts of different things
// of which one is part of the other; that it is a share of a whole is for the caller to know.
func Div(a, b Unit) Unit {
	if b.kind == literal {
		return plain(a)
	}
	if a.kind == unknown || b.kind == unknown || a.point || b.point {
		return Unknown
	}
	if a.kind == literal {
		a = One
	}
	u := Unit{kind: known, scale: a.scale / b.scale}
	for i := range u.exp {
		u.exp[i] = a.exp[i] - b.exp[i]
	}
	if a.noun != b.noun {
		u.noun, u.per = a.noun, a.per
	}
	if u.exp == ([dimensions]int8{}) && a.exp != u.exp && u.noun == "" {
		u.share = true // seconds of seconds, bytes of bytes
	}
	if u.exp == ([dimensions]int8{}) && sameScale(a.scale, b.scale) && (a.noun != "" && b.noun != "" || a.share && b.share) {
		u.noun, u.per, u.share, u.scale = "", false, true, 1
	}
	return u
}

// PerSecond returns the unit of a's rate: requests give requests per second, seconds of a resource
// give a ratio (busy cores), bytes give bytes per second.
func PerSecond(a Unit) Unit {
	switch {
	case a.kind != known:
		return a
	case a.point || a.state:
		return Unknown
	}
	u := a
	u.exp[second]--
	u.share = false
	if u.noun != "" {
		u.per = true
	}
	if u.exp == ([dimensions]int8{}) && a.exp[second] == 1 {
		u.share = true // seconds per second
	}
	return u
}

// Square returns the unit of a variance.
func Square(a Unit) Unit { return Mul(a, a) }

// Scaled returns the unit after multiplying the values by factor to express the same amounts: a
// ratio times 100 is a percentage, seconds times 1000 are milliseconds, be they a duration or a time since 1970. ok is false where the factor
// leads to no unit that people use; then the values changed, not the unit.
func (u Unit) Scaled(factor float64) (Unit, bool) {
	if u.kind != known || factor <= 0 || u.state || u.point && u.exp != exponent(second) {
		return u, false
	}
	v := u
	v.scale = u.scale / factor
	var scales []float64
	switch {
	case u.share:
		scales = []float64{1, 0.01}
	case u.exp == exponent(second):
		scales = []float64{1, 1e-3, 1e-6, 1e-9, 60, 3600, 86400}
	case u.exp == exponent(byteDim), u.exp == perSecond(byteDim):
		scales = []float64{1, 1 << 10, 1 << 20, 1 << 30, 1 << 40, 1e3, 1e6, 1e9, 1e12, 0.125}
	case u.per:
		scales = []float64{1, 1.0 / 60, 1.0 / 3600}
	}
	for _, s := range scales {
		if sameScale(v.scale, s) {
			v.scale = s
			return v, true
		}
	}
	return u, false
}

func perSecond(dim int) (e [dimensions]int8) {
	e[dim]++
	e[second]--
	return e
}

// String returns the unit as people write it: "s", "ms", "B/s", "requests/s", "ratio", "%", "1", "?".
func (u Unit) String() string {
	switch u.kind {
	case unknown:
		return "?"
	case literal:
		return "number"
	}
	if u.share {
		if u.scale == 0.01 {
			return "%"
		}
		return "ratio"
	}
	if u.state {
		return "state"
	}
	if u.point && u.exp == exponent(second) {
		if sameScale(u.scale, 1e-3) {
			return "unix time in ms"
		}
		return "unix time"
	}
	if u.point && u.exp == exponent(kelvin) {
		return "°C"
	}
	if name, ok := names[dimScale{u.exp, u.scale}]; ok && u.noun == "" {
		return name
	}
	var num, den []string
	if u.noun != "" {
		num = append(num, u.noun)
	}
	for i, e := range u.exp {
		switch {
		case e == 1:
			num = append(num, baseSymbols[i])
		case e > 1:
			num = append(num, fmt.Sprintf("%s^%d", baseSymbols[i], e))
		case e == -1:
			den = append(den, baseSymbols[i])
		case e < -1:
			den = append(den, fmt.Sprintf("%s^%d", baseSymbols[i], -e))
		}
	}
	out := strings.Join(num, "·")
	if out == "" {
		out = "1"
	}
	if len(den) > 0 {
		d := strings.Join(den, "·")
		if d == "s" && sameScale(u.scale, 1.0/60) {
			return out + "/min"
		}
		if d == "s" && sameScale(u.scale, 1.0/3600) {
			return out + "/h"
		}
		out += "/" + d
	}
	if !sameScale(u.scale, 1) {
		out = fmt.Sprintf("%g %s", u.scale, out)
	}
	return out
}

type dimScale struct {
	exp   [dimensions]int8
	scale float64
}

var names = map[dimScale]string{
	{exponent(second), 1e-3}:     "ms",
	{exponent(second), 1e-6}:     "µs",
	{exponent(second), 1e-9}:     "ns",
	{exponent(second), 60}:       "min",
	{exponent(second), 3600}:     "h",
	{exponent(second), 86400}:    "d",
	{exponent(byteDim), 1 << 10}: "KiB",
	{exponent(byteDim), 1 << 20}: "MiB",
	{exponent(byteDim), 1 << 30}: "GiB",
	{exponent(byteDim), 1e3}:     "kB",
	{exponent(byteDim), 1e6}:     "MB",
	{exponent(byteDim), 1e9}:     "GB",
	{exponent(byteDim), 0.125}:   "bit",
	{perSecond(byteDim), 0.125}:  "bit/s",
	{[dimensions]int8{}, 0.01}:   "%",
}
