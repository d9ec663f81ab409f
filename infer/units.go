package infer

import (
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/unit"
)

// amount is the unit of the difference of two values: points in time give a duration.
func amount(u unit.Unit) unit.Unit {
	diff, _ := unit.Sub(u, u)
	return diff
}

// slope is the unit of a change per second.
func slope(u unit.Unit) unit.Unit { return unit.PerSecond(amount(u)) }

// factor returns the bare number that a value is.
func factor(t Type) (k float64, ok bool) {
	if !t.Unit.IsLiteral() {
		return 0, false
	}
	return t.Range.Exactly()
}

// arithmeticUnit returns the unit of an arithmetic operator's result; fits is false where the sides cannot
// be added. A bare factor converts a unit where people use the one that it leads to (seconds times 1000
// are milliseconds), and scales the amount everywhere else.
func arithmeticUnit(op parser.ItemType, a, b Type) (u unit.Unit, fits bool) {
	switch op {
	case parser.ADD, parser.SUB:
		return sumUnit(op, a.Unit, b.Unit)
	case parser.MUL:
		if k, ok := factor(b); ok {
			return scaledUnit(a.Unit, k), true
		}
		if k, ok := factor(a); ok {
			return scaledUnit(b.Unit, k), true
		}
		return unit.Mul(a.Unit, b.Unit), true
	case parser.DIV:
		if k, ok := factor(b); ok && k != 0 {
			return scaledUnit(a.Unit, 1/k), true
		}
		return unit.Div(a.Unit, b.Unit), true
	case parser.MOD:
		if a.Unit.IsPoint() {
			return amount(a.Unit), true
		}
		return a.Unit, true
	case parser.POW:
		return powerUnit(a.Unit, b), true
	}
	return unit.One, true
}

func sumUnit(op parser.ItemType, a, b unit.Unit) (unit.Unit, bool) {
	if op == parser.SUB {
		if b.IsPoint() && !a.IsPoint() {
			return unit.Unknown, a.SameDimension(b) // a time is taken from an amount of time: it means nothing, but may be a step
		}
		return unit.Sub(a, b)
	}
	u, ok := unit.Add(a, b)
	if a.IsPoint() && b.IsPoint() {
		return unit.Unknown, ok // two times have no sum
	}
	return u, ok
}

func scaledUnit(u unit.Unit, k float64) unit.Unit {
	switch {
	case k == 0:
		return unit.Literal // nothing is nothing in every unit
	case k == 1:
		return u
	}
	if to, ok := u.Scaled(k); ok {
		return to
	}
	return unit.Mul(u, unit.Literal)
}

func powerUnit(u unit.Unit, exponent Type) unit.Unit {
	n, ok := factor(exponent)
	switch {
	case u.IsLiteral() || u == unit.One:
		return u
	case ok && n == 1:
		return u
	case ok && n == 2:
		return unit.Square(u)
	}
	return unit.Unknown
}
