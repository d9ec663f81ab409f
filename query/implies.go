package query

import (
	"strings"

	"github.com/prometheus/prometheus/promql/parser"
)

// anyWindow is the text of a window that is still open, where two expressions are compared.
const anyWindow = "$__rate_interval"

// Implies reports whether, wherever a has a series, b is certain to have one with the same labels.
func Implies(a, b parser.Expr) bool {
	a, b = bare(a), bare(b)
	if Canonical(a) == Canonical(b) {
		return true
	}
	x, ok := a.(*parser.BinaryExpr)
	if !ok {
		return false
	}
	y, isBinary := b.(*parser.BinaryExpr)
	switch x.Op {
	case parser.LAND:
		// What "and" gives has the labels of its left side.
		if Implies(x.LHS, b) {
			return true
		}
		return isBinary && y.Op == parser.LAND && sameMatching(x.VectorMatching, y.VectorMatching) && Implies(x.LHS, y.LHS) && Implies(x.RHS, y.RHS)
	case parser.LUNLESS:
		return Implies(x.LHS, b)
	}
	if isBinary && y.Op == parser.LOR { // the left side of "or" is whole in what it gives
		return Implies(a, y.LHS)
	}
	left, op, bound, ok := compared(x)
	if !ok || !isBinary {
		return false
	}
	other, than, limit, ok := compared(y)
	if !ok || Canonical(left) != Canonical(other) {
		return false
	}
	switch op {
	case parser.EQLC:
		return holds(bound, than, limit)
	case parser.GTR, parser.GTE:
		// Of v > 5 and v >= 5 the first implies the second, and each implies v > 4.
		return than == parser.GTR && (bound > limit || bound == limit && op == parser.GTR) || than == parser.GTE && bound >= limit ||
			than == parser.NEQ && (bound > limit || bound == limit && op == parser.GTR)
	case parser.LSS, parser.LTE:
		return than == parser.LSS && (bound < limit || bound == limit && op == parser.LSS) || than == parser.LTE && bound <= limit ||
			than == parser.NEQ && (bound < limit || bound == limit && op == parser.LSS)
	}
	return false
}

func bare(e parser.Expr) parser.Expr {
	for {
		p, ok := e.(*parser.ParenExpr)
		if !ok {
			return e
		}
		e = p.Expr
	}
}

// compared takes a comparison of series with a number apart.
func compared(e *parser.BinaryExpr) (left parser.Expr, op parser.ItemType, bound float64, ok bool) {
	if !e.Op.IsComparisonOperator() || e.ReturnBool {
		return nil, 0, 0, false
	}
	bound, ok = numberOf(e.RHS)
	return bare(e.LHS), e.Op, bound, ok
}

func numberOf(e parser.Expr) (float64, bool) {
	switch e := bare(e).(type) {
	case *parser.NumberLiteral:
		return e.Val, true
	case *parser.UnaryExpr:
		if v, ok := numberOf(e.Expr); ok && e.Op == parser.SUB {
			return -v, true
		}
	}
	return 0, false
}

func holds(v float64, op parser.ItemType, limit float64) bool {
	switch op {
	case parser.GTR:
		return v > limit
	case parser.GTE:
		return v >= limit
	case parser.LSS:
		return v < limit
	case parser.LTE:
		return v <= limit
	case parser.NEQ:
		return v != limit
	}
	return false
}

func sameMatching(a, b *parser.VectorMatching) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Card == b.Card && a.On == b.On && strings.Join(a.MatchingLabels, ",") == strings.Join(b.MatchingLabels, ",")
}
