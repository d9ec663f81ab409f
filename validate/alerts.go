package validate

import (
	"slices"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/catalog/external"
	"github.com/obsgen/obsgen/infer"
)

// filters reports whether an expression has series only while something is the case.
func filters(q *Query, e parser.Expr) bool {
	switch n := unparen(e).(type) {
	case *parser.BinaryExpr:
		switch {
		case n.Op.IsComparisonOperator():
			return !n.ReturnBool
		case n.Op == parser.LOR:
			return filters(q, n.LHS) && filters(q, n.RHS)
		case n.Op == parser.LAND, n.Op == parser.LUNLESS:
			return true
		}
		return filters(q, n.LHS) || filters(q, n.RHS)
	case *parser.Call:
		if strings.HasPrefix(n.Func.Name, "absent") {
			return true
		}
		return slices.ContainsFunc(n.Args, func(a parser.Expr) bool { return a.Type() == parser.ValueTypeVector && filters(q, a) })
	case *parser.AggregateExpr:
		return filters(q, n.Expr)
	case *parser.UnaryExpr:
		return filters(q, n.Expr)
	case *parser.VectorSelector:
		if n.Name == external.AlertsActive.Name || n.Name == external.AlertsForState.Name {
			return true
		}
		// A recorded series can be the condition itself.
		for _, r := range q.Set.recorded[n.Name] {
			if x := r.query(); x != nil && filters(x, x.Expr) {
				return true
			}
		}
		return false
	case *parser.SubqueryExpr:
		return filters(q, n.Expr)
	}
	return false
}

// constant reports whether an expression reads no series.
func constant(e parser.Expr) bool {
	reads := false
	each(e, func(*parser.VectorSelector) { reads = true })
	return !reads
}

// innermost returns the function nearest to the selector.
func innermost(e parser.Expr) string {
	name := ""
	each(e, func(c *parser.Call) { name = c.Func.Name })
	return name
}

// ownLabels returns the labels of a closed set in which series of a metric can differ, without those of its target.
func ownLabels(t infer.Type) []string {
	if !t.Labels.Closed() {
		return nil
	}
	var out []string
	for _, n := range t.Labels.Names() {
		if n != catalog.Job.Name && n != catalog.Instance.Name && n != "le" && n != "__name__" && t.Labels.Values(n).Most() != 1 {
			out = append(out, n)
		}
	}
	return out
}

// decisive returns the comparisons of a query each of which alone decides whether there is a result: none of those beside
// another condition, which can end the alert while the comparison still holds.
func decisive(q *Query) []condition {
	var out []condition
	var visit func(e parser.Expr)
	visit = func(e parser.Expr) {
		switch n := unparen(e).(type) {
		case *parser.AggregateExpr:
			visit(n.Expr)
		case *parser.BinaryExpr:
			if n.Op == parser.LOR {
				visit(n.LHS)
				visit(n.RHS)
				return
			}
			if c, ok := conditionOf(q, n); ok && !n.ReturnBool && !filters(q, c.value) {
				out = append(out, c)
			}
		}
	}
	visit(q.Expr)
	return out
}
