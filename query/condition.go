package query

import (
	"fmt"
	"math"
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/catalog"
)

// Comparison is a comparison operator.
type Comparison parser.ItemType

// The comparison operators of PromQL.
const (
	Greater      = Comparison(parser.GTR)
	GreaterEqual = Comparison(parser.GTE)
	Less         = Comparison(parser.LSS)
	LessEqual    = Comparison(parser.LTE)
	EqualTo      = Comparison(parser.EQLC)
	NotEqualTo   = Comparison(parser.NEQ)
)

// String returns the operator as PromQL writes it.
func (c Comparison) String() string { return parser.ItemType(c).String() }

// Condition is what an alert waits for: an expression that has series only while something is the case.
// The zero Condition is no condition.
type Condition struct {
	Vector
	left      *node
	op        Comparison
	threshold float64
	hasNumber bool
}

// Value returns the compared expression, the one that a panel beside the alert shows: the left side of
// the comparison, and the whole condition where it is not one comparison.
func (c Condition) Value() Vector {
	if c.left == nil {
		return c.Vector
	}
	return Vector{c.left}
}

// Threshold returns the operator and number that the value is compared with; ok is false where the
// condition is not a comparison with one number.
func (c Condition) Threshold() (op Comparison, number float64, ok bool) {
	return c.op, c.threshold, c.hasNumber
}

func (v Vector) against(op Comparison, x float64) Condition {
	n := binary(2, parser.ItemType(op), v.get(), Number(x).operand(), nil)
	if math.IsNaN(x) {
		n.fault("query/threshold", "a comparison with NaN", "use a number")
	}
	return Condition{Vector: Vector{n}, left: v.get(), op: op, threshold: x, hasNumber: true}
}

// Above holds for series with a value greater than x.
//
//go:noinline
func (v Vector) Above(x float64) Condition { return v.against(Greater, x) }

// AtLeast holds for series with a value of x or more.
//
//go:noinline
func (v Vector) AtLeast(x float64) Condition { return v.against(GreaterEqual, x) }

// Below holds for series with a value less than x.
//
//go:noinline
func (v Vector) Below(x float64) Condition { return v.against(Less, x) }

// AtMost holds for series with a value of x or less.
//
//go:noinline
func (v Vector) AtMost(x float64) Condition { return v.against(LessEqual, x) }

// Equals holds for series with the value x.
//
//go:noinline
func (v Vector) Equals(x float64) Condition { return v.against(EqualTo, x) }

// Differs holds for series with another value than x.
//
//go:noinline
func (v Vector) Differs(x float64) Condition { return v.against(NotEqualTo, x) }

// Compare holds for series of v that compare so with the operand.
func (v Vector) Compare(op Comparison, o Operand, ms ...Matching) Condition {
	n := binary(1, parser.ItemType(op), v.get(), o.operand(), ms)
	c := Condition{Vector: Vector{n}, left: v.get(), op: op}
	if x, ok := o.(Number); ok {
		c.threshold, c.hasNumber = float64(x), true
	}
	return c
}

// Present holds while the expression has any series at all.
//
//go:noinline
func (v Vector) Present() Condition { return Condition{Vector: v} }

// Bool returns 1 where the comparison holds and 0 where it does not, instead of filtering.
func (c Condition) Bool() Vector {
	n := *c.get()
	n.found = n.found[:len(n.found):len(n.found)]
	b, ok := n.expr.(*parser.BinaryExpr)
	if !ok || !b.Op.IsComparisonOperator() {
		n.fault("query/bool", fmt.Sprintf("%s is no comparison", c.String()), "use Bool on a single comparison")
		return Vector{&n}
	}
	with := *b
	with.ReturnBool = true
	n.expr = &with
	return Vector{&n}
}

func (c Condition) combine(op parser.ItemType, d Condition, ms []Matching) Condition {
	combined := Condition{Vector: Vector{binary(2, op, c.get(), d.get(), ms)}}
	if op != parser.LOR {
		// The series and values of the left side pass.
		combined.left, combined.op, combined.threshold, combined.hasNumber = c.left, c.op, c.threshold, c.hasNumber
	}
	return combined
}

// While holds where both do; series and values are the left side's.
//
//go:noinline
func (c Condition) While(d Condition, ms ...Matching) Condition {
	return c.combine(parser.LAND, d, ms)
}

// OrElse holds where either does.
//
//go:noinline
func (c Condition) OrElse(d Condition, ms ...Matching) Condition {
	return c.combine(parser.LOR, d, ms)
}

// Except holds where c does and d does not.
//
//go:noinline
func (c Condition) Except(d Condition, ms ...Matching) Condition {
	return c.combine(parser.LUNLESS, d, ms)
}

// Over fixes the windows that are still open, on both sides of the comparison.
func (c Condition) Over(window time.Duration) Condition {
	return c.changed(func(n *node) *node { return over(3, n, window) })
}

// Offset shifts the whole condition into the past.
func (c Condition) Offset(by time.Duration) Condition {
	return c.changed(func(n *node) *node { return offset(3, n, by) })
}

// Where adds matchers to every selector of the condition; each must have the labels that are matched.
func (c Condition) Where(ms ...catalog.Matcher) Condition {
	return c.changed(func(n *node) *node { return where(3, n, ms) })
}

// changed applies a change to the condition and to the value that it compares.
func (c Condition) changed(f func(*node) *node) Condition {
	out := c
	out.Vector = Vector{f(c.get())}
	if c.left != nil {
		out.left = f(c.left)
	}
	return out
}
