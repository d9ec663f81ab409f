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
func filters(q *Query, e parser.Expr) bool { return filtering(q, e, map[*Rule]bool{}) }

// filtering is filters; known has what it found of recording rules, which can read each other in a circle: that is no condition.
func filtering(q *Query, e parser.Expr, known map[*Rule]bool) bool {
	switch n := unparen(e).(type) {
	case *parser.BinaryExpr:
		switch {
		case n.Op.IsComparisonOperator():
			return !n.ReturnBool
		case n.Op == parser.LOR:
			return filtering(q, n.LHS, known) && filtering(q, n.RHS, known)
		case n.Op == parser.LAND, n.Op == parser.LUNLESS:
			return true
		}
		return filtering(q, n.LHS, known) || filtering(q, n.RHS, known)
	case *parser.Call:
		if strings.HasPrefix(n.Func.Name, "absent") {
			return true
		}
		return slices.ContainsFunc(n.Args, func(a parser.Expr) bool { return a.Type() == parser.ValueTypeVector && filtering(q, a, known) })
	case *parser.AggregateExpr:
		return filtering(q, n.Expr, known)
	case *parser.UnaryExpr:
		return filtering(q, n.Expr, known)
	case *parser.VectorSelector:
		if n.Name == external.AlertsActive.Name || n.Name == external.AlertsForState.Name {
			return true
		}
		// A recorded series can be the condition itself.
		return slices.ContainsFunc(q.Set.recorded[n.Name], func(r *Rule) bool {
			if _, ok := known[r]; !ok {
				known[r] = false // while it is underway
				x := r.query()
				known[r] = x != nil && filtering(x, x.Expr, known)
			}
			return known[r]
		})
	case *parser.SubqueryExpr:
		return filtering(q, n.Expr, known)
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
