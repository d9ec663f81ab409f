package query

import (
	"fmt"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/catalog"
)

// Matching says how the series of two vectors find each other.
type Matching struct {
	vm     parser.VectorMatching
	filled bool
}

// On pairs series that agree in these labels.
func On(ls ...catalog.AnyLabel) Matching {
	return Matching{vm: parser.VectorMatching{Card: parser.CardOneToOne, On: true, MatchingLabels: labelNames(ls)}}
}

// Ignoring pairs series that agree in all labels but these.
func Ignoring(ls ...catalog.AnyLabel) Matching {
	return Matching{vm: parser.VectorMatching{Card: parser.CardOneToOne, MatchingLabels: labelNames(ls)}}
}

// GroupLeft lets several series of the left side share one of the right, and copies these labels from it.
func (m Matching) GroupLeft(include ...catalog.AnyLabel) Matching {
	m.vm.Card, m.vm.Include = parser.CardManyToOne, labelNames(include)
	return m
}

// GroupRight lets several series of the right side share one of the left, and copies these labels from it.
func (m Matching) GroupRight(include ...catalog.AnyLabel) Matching {
	m.vm.Card, m.vm.Include = parser.CardOneToMany, labelNames(include)
	return m
}

// Fill gives both sides a value where a series finds no partner (a Prometheus feature behind a flag).
func (m Matching) Fill(x float64) Matching {
	m.vm.FillValues.LHS, m.vm.FillValues.RHS, m.filled = &x, &x, true
	return m
}

// FillLeft gives the left side a value where a series of the right finds no partner.
func (m Matching) FillLeft(x float64) Matching {
	m.vm.FillValues.LHS, m.filled = &x, true
	return m
}

// FillRight gives the right side a value where a series of the left finds no partner.
func (m Matching) FillRight(x float64) Matching {
	m.vm.FillValues.RHS, m.filled = &x, true
	return m
}

func labelNames(ls []catalog.AnyLabel) []string {
	out := make([]string, len(ls))
	for i, l := range ls {
		out[i] = l.Def().Name
	}
	return out
}

// binary builds left op right, with parentheses where precedence asks for them.
func binary(skip int, op parser.ItemType, left, right *node, ms []Matching) *node {
	if left.expr == nil || right.expr == nil {
		n := step(skip+1, nil, names{open: true}, left, right)
		n.fault("query/empty", "an operand is no expression", "give it one")
		return n
	}
	b := &parser.BinaryExpr{Op: op, LHS: paren(left.expr, op, false), RHS: paren(right.expr, op, true)}
	vectors := left.expr.Type() == parser.ValueTypeVector && right.expr.Type() == parser.ValueTypeVector
	ns := left.names
	if left.expr.Type() != parser.ValueTypeVector {
		ns = right.names
	}
	var wrong [][2]string // what is wrong, and the fix
	if vectors {
		vm := parser.VectorMatching{Card: parser.CardOneToOne}
		if len(ms) > 0 {
			vm = ms[0].vm
		}
		if op.IsSetOperator() {
			if vm.Card != parser.CardOneToOne || len(ms) > 0 && ms[0].filled {
				wrong = append(wrong, [2]string{"a set operator takes no group_left, group_right or fill", "use On or Ignoring by itself"})
			}
			vm.Card, vm.Include, vm.FillValues = parser.CardManyToMany, nil, parser.VectorMatchFillValues{}
		}
		b.VectorMatching = &vm
		var why, fix string
		ns, why, fix = matchedNames(op, vm, left.names, right.names)
		if why != "" {
			wrong = append(wrong, [2]string{why, fix})
		}
	} else if len(ms) > 0 {
		wrong = append(wrong, [2]string{"matching needs two vectors", "leave the matching out: a number has no labels"})
	}
	if len(ms) > 1 {
		wrong = append(wrong, [2]string{"two matchings for one operator", "pass one On or Ignoring with all its labels"})
	}
	n := step(skip+1, b, ns, left, right)
	for _, w := range wrong {
		n.fault("query/matching", w[0], w[1])
	}
	return n
}

// matchedNames returns the labels of a binary operation's result, by the rules of
// https://prometheus.io/docs/prometheus/latest/querying/operators/#vector-matching, or what is wrong and the fix.
func matchedNames(op parser.ItemType, vm parser.VectorMatching, left, right names) (out names, wrong, fix string) {
	for _, l := range vm.MatchingLabels {
		if vm.On && (!left.has(l) || !right.has(l)) {
			var lacks []string
			if !left.has(l) {
				lacks = append(lacks, "left")
			}
			if !right.has(l) {
				lacks = append(lacks, "right")
			}
			return names{open: true}, fmt.Sprintf("on(%s): the left side has %s, the right side %s", l, left, right),
				fmt.Sprintf("name %s in the aggregation on the %s, such as .Sum(%s); labels that Keep adds come after the matching", l, strings.Join(lacks, " and on the "), variableOf(l))
		}
		if vm.On && slices.Contains(vm.Include, l) {
			return names{open: true}, fmt.Sprintf("label %s is both matched and copied", l), "leave it out of GroupLeft or GroupRight: a matched label is kept"
		}
	}
	switch {
	case op == parser.LOR:
		out = left.with(right.set...)
		out.open = left.open || right.open
		return out, "", ""
	case op.IsSetOperator():
		return left, "", ""
	case vm.Card == parser.CardManyToOne:
		return left.with(vm.Include...), "", ""
	case vm.Card == parser.CardOneToMany:
		return right.with(vm.Include...), "", ""
	case vm.On:
		return namesOf(slices.Clone(vm.MatchingLabels)...), "", ""
	default:
		return left.without(vm.MatchingLabels...), "", ""
	}
}

// variableOf returns how Go code names a label: the catalog's own variables, or a placeholder for the project's.
func variableOf(label string) string {
	switch label {
	case catalog.Job.Name:
		return "catalog.Job"
	case catalog.Instance.Name:
		return "catalog.Instance"
	}
	return "the variable of " + label
}

// precedence of binary operators, by https://prometheus.io/docs/prometheus/latest/querying/operators/#binary-operator-precedence.
func precedence(op parser.ItemType) int {
	switch op {
	case parser.LOR:
		return 1
	case parser.LAND, parser.LUNLESS:
		return 2
	case parser.ADD, parser.SUB:
		return 4
	case parser.MUL, parser.DIV, parser.MOD, parser.ATAN2:
		return 5
	case parser.POW:
		return 6
	default:
		return 3 // comparisons
	}
}

// paren wraps an operand where printing it bare would bind otherwise.
func paren(e parser.Expr, parent parser.ItemType, right bool) parser.Expr {
	switch n := e.(type) {
	case *parser.BinaryExpr:
		mine, its := precedence(parent), precedence(n.Op)
		tight := its > mine || its == mine && right == (parent == parser.POW)
		if !tight {
			return &parser.ParenExpr{Expr: e}
		}
	case *parser.UnaryExpr:
		if parent == parser.POW && !right {
			return &parser.ParenExpr{Expr: e}
		}
	case *parser.NumberLiteral:
		if n.Val < 0 && parent == parser.POW && !right {
			return &parser.ParenExpr{Expr: e}
		}
	}
	return e
}

func (v Vector) arith(op parser.ItemType, o Operand, ms []Matching) Vector {
	return Vector{binary(2, op, v.get(), o.operand(), ms)}
}

// Add returns the sum of both sides.
//
//go:noinline
func (v Vector) Add(o Operand, ms ...Matching) Vector { return v.arith(parser.ADD, o, ms) }

// Sub returns the difference of both sides.
//
//go:noinline
func (v Vector) Sub(o Operand, ms ...Matching) Vector { return v.arith(parser.SUB, o, ms) }

// Mul returns the product of both sides.
//
//go:noinline
func (v Vector) Mul(o Operand, ms ...Matching) Vector { return v.arith(parser.MUL, o, ms) }

// Div returns the quotient of both sides. For a share of a whole use Ratio, which says what no traffic means.
//
//go:noinline
func (v Vector) Div(o Operand, ms ...Matching) Vector { return v.arith(parser.DIV, o, ms) }

// Mod returns the remainder of the division.
//
//go:noinline
func (v Vector) Mod(o Operand, ms ...Matching) Vector { return v.arith(parser.MOD, o, ms) }

// Pow returns the left side to the power of the right.
//
//go:noinline
func (v Vector) Pow(o Operand, ms ...Matching) Vector { return v.arith(parser.POW, o, ms) }

// Atan2 returns the angle of the two sides, in radian.
//
//go:noinline
func (v Vector) Atan2(o Operand, ms ...Matching) Vector { return v.arith(parser.ATAN2, o, ms) }

// And keeps series that the right side has, too.
//
//go:noinline
func (v Vector) And(w Vector, ms ...Matching) Vector { return v.arith(parser.LAND, w, ms) }

// Or adds the series of the right side that the left lacks.
//
//go:noinline
func (v Vector) Or(w Vector, ms ...Matching) Vector { return v.arith(parser.LOR, w, ms) }

// Unless drops series that the right side has.
//
//go:noinline
func (v Vector) Unless(w Vector, ms ...Matching) Vector { return v.arith(parser.LUNLESS, w, ms) }

// Neg returns the values with the opposite sign.
func (v Vector) Neg() Vector {
	e := v.get().expr
	if b, ok := e.(*parser.BinaryExpr); ok && b.Op != parser.POW {
		e = &parser.ParenExpr{Expr: e}
	}
	return Vector{step(1, &parser.UnaryExpr{Op: parser.SUB, Expr: e}, v.get().names, v.node)}
}

// Complement returns 1 minus the values: of a share, the other part.
func (v Vector) Complement() Vector {
	return Vector{binary(1, parser.SUB, Number(1).operand(), v.get(), nil)}
}

// Add returns the scalar plus each value.
func (s Scalar) Add(v Vector) Vector { return Vector{binary(1, parser.ADD, s.get(), v.get(), nil)} }

// Sub returns the scalar minus each value: query.Time().Sub(start) is an age.
func (s Scalar) Sub(v Vector) Vector { return Vector{binary(1, parser.SUB, s.get(), v.get(), nil)} }

// Mul returns the scalar times each value.
func (s Scalar) Mul(v Vector) Vector { return Vector{binary(1, parser.MUL, s.get(), v.get(), nil)} }

// Div returns the scalar divided by each value.
func (s Scalar) Div(v Vector) Vector { return Vector{binary(1, parser.DIV, s.get(), v.get(), nil)} }

// Grouping is an aggregation of which the operator is still to come.
type Grouping struct {
	v       Vector
	labels  []string
	without bool
}

// By groups series by these labels: v.By(metrics.Protocol).Sum().
func (v Vector) By(ls ...catalog.AnyLabel) Grouping { return Grouping{v, labelNames(ls), false} }

// Without groups series by all labels but these.
func (v Vector) Without(ls ...catalog.AnyLabel) Grouping { return Grouping{v, labelNames(ls), true} }

func (g Grouping) aggregate(skip int, op parser.ItemType, param parser.Expr, keeps bool) *node {
	child := g.v.get()
	ns := namesOf(slices.Clone(g.labels)...)
	if g.without {
		ns = child.names.without(g.labels...)
	}
	if keeps { // topk and its like select series whole
		ns = child.names
	}
	a := &parser.AggregateExpr{Op: op, Expr: child.expr, Param: param, Grouping: g.labels, Without: g.without}
	if child.expr == nil {
		n := step(skip+1, nil, names{open: true}, child)
		n.fault("query/empty", "the aggregation has no operand", "give it one")
		return n
	}
	n := step(skip+1, a, ns, child)
	for _, l := range g.labels {
		if !child.names.has(l) {
			n.fault("query/label", fmt.Sprintf("%s %s (%s): the operand has %s", op, g.word(), strings.Join(g.labels, ", "), child.names),
				"group by labels that it has")
			break
		}
	}
	return n
}

func (g Grouping) word() string {
	if g.without {
		return "without"
	}
	return "by"
}

// Sum returns the sum of each group.
//
//go:noinline
func (g Grouping) Sum() Vector { return Vector{g.aggregate(1, parser.SUM, nil, false)} }

// Avg returns the mean of each group.
//
//go:noinline
func (g Grouping) Avg() Vector { return Vector{g.aggregate(1, parser.AVG, nil, false)} }

// Max returns the largest value of each group.
//
//go:noinline
func (g Grouping) Max() Vector { return Vector{g.aggregate(1, parser.MAX, nil, false)} }

// Min returns the smallest value of each group.
//
//go:noinline
func (g Grouping) Min() Vector { return Vector{g.aggregate(1, parser.MIN, nil, false)} }

// Count returns the number of series of each group.
//
//go:noinline
func (g Grouping) Count() Vector { return Vector{g.aggregate(1, parser.COUNT, nil, false)} }

// Group returns 1 for each group.
//
//go:noinline
func (g Grouping) Group() Vector { return Vector{g.aggregate(1, parser.GROUP, nil, false)} }

// Stddev returns the standard deviation of each group.
//
//go:noinline
func (g Grouping) Stddev() Vector { return Vector{g.aggregate(1, parser.STDDEV, nil, false)} }

// Stdvar returns the variance of each group.
//
//go:noinline
func (g Grouping) Stdvar() Vector { return Vector{g.aggregate(1, parser.STDVAR, nil, false)} }

// Quantile returns the φ-quantile over the series of each group, 0 ≤ φ ≤ 1.
func (g Grouping) Quantile(φ float64) Vector {
	n := g.aggregate(1, parser.QUANTILE, number(φ), false)
	if isBad(φ) {
		n.fault("query/quantile", fmt.Sprintf("a quantile of %v", φ), "use a number from 0 to 1")
	}
	return Vector{n}
}

// TopK returns the k largest series of each group, with all their labels.
//
//go:noinline
func (g Grouping) TopK(k int) Vector { return Vector{g.some(parser.TOPK, k)} }

// BottomK returns the k smallest series of each group, with all their labels.
//
//go:noinline
func (g Grouping) BottomK(k int) Vector { return Vector{g.some(parser.BOTTOMK, k)} }

func (g Grouping) some(op parser.ItemType, k int) *node {
	n := g.aggregate(2, op, number(float64(k)), true)
	if k < 1 {
		n.fault("query/topk", fmt.Sprintf("%s of %d series is empty", op, k), "use 1 or more")
	}
	return n
}

// CountValues returns how many series of each group have each value, which becomes a label.
func (g Grouping) CountValues(label string) Vector {
	n := g.aggregate(1, parser.COUNT_VALUES, &parser.StringLiteral{Val: label}, false)
	n.names = n.names.with(label)
	return Vector{n}
}

// Sum returns the sum by labels.
func (v Vector) Sum(ls ...catalog.AnyLabel) Vector {
	return Vector{v.By(ls...).aggregate(1, parser.SUM, nil, false)}
}

// Avg returns the mean by labels.
func (v Vector) Avg(ls ...catalog.AnyLabel) Vector {
	return Vector{v.By(ls...).aggregate(1, parser.AVG, nil, false)}
}

// Max returns the largest value by labels.
func (v Vector) Max(ls ...catalog.AnyLabel) Vector {
	return Vector{v.By(ls...).aggregate(1, parser.MAX, nil, false)}
}

// Min returns the smallest value by labels.
func (v Vector) Min(ls ...catalog.AnyLabel) Vector {
	return Vector{v.By(ls...).aggregate(1, parser.MIN, nil, false)}
}

// Count returns the number of series by labels.
func (v Vector) Count(ls ...catalog.AnyLabel) Vector {
	return Vector{v.By(ls...).aggregate(1, parser.COUNT, nil, false)}
}

// TopK returns the k largest series, with all their labels.
func (v Vector) TopK(k int) Vector { return Vector{v.By().some(parser.TOPK, k)} }

// BottomK returns the k smallest series, with all their labels.
func (v Vector) BottomK(k int) Vector { return Vector{v.By().some(parser.BOTTOMK, k)} }
