package query

import (
	"cmp"
	"slices"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// Canonical returns the text of an expression in a form that is the same for two that are written differently and mean the
// same: matchers, groupings and labels of joins are sorted, parentheses that change nothing are left out, sums and products
// have their sides in one order, and a number that is compared stands on the right. Windows that are still open are
// $__rate_interval.
func Canonical(e parser.Expr) string {
	return Text(Map(e, sorted), anyWindow, false)
}

// sorted puts one node in order; those below it are.
func sorted(n parser.Expr) parser.Expr {
	switch n := n.(type) {
	case *parser.ParenExpr:
		return n.Expr
	case *parser.VectorSelector:
		n.LabelMatchers = slices.SortedFunc(slices.Values(n.LabelMatchers), func(a, b *labels.Matcher) int {
			return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Value, b.Value))
		})
	case *parser.AggregateExpr:
		n.Grouping = slices.Compact(slices.Sorted(slices.Values(n.Grouping)))
	case *parser.UnaryExpr:
		n.Expr = within(n.Expr)
	case *parser.SubqueryExpr:
		n.Expr = within(n.Expr)
	case *parser.BinaryExpr:
		if m := n.VectorMatching; m != nil {
			of := *m
			of.MatchingLabels, of.Include = slices.Sorted(slices.Values(m.MatchingLabels)), slices.Sorted(slices.Values(m.Include))
			n.VectorMatching = &of
		}
		turned := map[parser.ItemType]parser.ItemType{
			parser.GTR: parser.LSS, parser.LSS: parser.GTR, parser.GTE: parser.LTE, parser.LTE: parser.GTE, parser.EQLC: parser.EQLC, parser.NEQ: parser.NEQ,
		}
		_, left := n.LHS.(*parser.NumberLiteral)
		_, right := n.RHS.(*parser.NumberLiteral)
		switch op, compares := turned[n.Op]; {
		case compares && left && !right && n.RHS.Type() == parser.ValueTypeVector && !n.ReturnBool:
			n.LHS, n.RHS, n.Op = n.RHS, n.LHS, op
		case (n.Op == parser.ADD || n.Op == parser.MUL) && oneToOne(n.VectorMatching) && n.LHS.String() > n.RHS.String():
			n.LHS, n.RHS = n.RHS, n.LHS
		}
		n.LHS, n.RHS = within(n.LHS), within(n.RHS)
	}
	return n
}

// within puts an operation that is a part of another one into parentheses, so that the text needs no precedence.
func within(e parser.Expr) parser.Expr {
	switch e.(type) {
	case *parser.BinaryExpr, *parser.UnaryExpr:
		return &parser.ParenExpr{Expr: e}
	}
	return e
}

// oneToOne reports whether both sides of a join count the same: with group_left or group_right they do not.
func oneToOne(m *parser.VectorMatching) bool {
	return m == nil || m.Card == parser.CardOneToOne && len(m.Include) == 0
}
