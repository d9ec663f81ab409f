package validate

import (
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/query"
	"github.com/obsgen/obsgen/source"
)

// nodes are the parts of a query by their type, outermost first. Most checks ask for one type and most queries have none
// of it, so that a walk for each check would be most of the work.
type nodes struct {
	calls        []*parser.Call
	aggregations []*parser.AggregateExpr
	binaries     []*parser.BinaryExpr
	selectors    []*parser.VectorSelector
	matrices     []*parser.MatrixSelector
	subqueries   []*parser.SubqueryExpr
	numbers      []*parser.NumberLiteral
	strings      []*parser.StringLiteral
	// conditions are the comparisons with a number, once they are asked for.
	conditions []condition
	compared   bool
}

func nodesOf(e parser.Expr) *nodes {
	out := &nodes{}
	query.Walk(e, func(n parser.Expr) {
		switch x := n.(type) {
		case *parser.Call:
			out.calls = append(out.calls, x)
		case *parser.AggregateExpr:
			out.aggregations = append(out.aggregations, x)
		case *parser.BinaryExpr:
			out.binaries = append(out.binaries, x)
		case *parser.VectorSelector:
			out.selectors = append(out.selectors, x)
		case *parser.MatrixSelector:
			out.matrices = append(out.matrices, x)
		case *parser.SubqueryExpr:
			out.subqueries = append(out.subqueries, x)
		case *parser.NumberLiteral:
			out.numbers = append(out.numbers, x)
		case *parser.StringLiteral:
			out.strings = append(out.strings, x)
		}
	})
	return out
}

// eachOf calls f for every node of a type in a query.
func eachOf[T *parser.Call | *parser.AggregateExpr | *parser.BinaryExpr | *parser.VectorSelector | *parser.MatrixSelector | *parser.SubqueryExpr | *parser.NumberLiteral | *parser.StringLiteral](q *Query, f func(T)) {
	if q.nodes == nil {
		q.nodes = nodesOf(q.Expr)
	}
	var list any
	switch any(T(nil)).(type) {
	case *parser.Call:
		list = &q.nodes.calls
	case *parser.AggregateExpr:
		list = &q.nodes.aggregations
	case *parser.BinaryExpr:
		list = &q.nodes.binaries
	case *parser.VectorSelector:
		list = &q.nodes.selectors
	case *parser.MatrixSelector:
		list = &q.nodes.matrices
	case *parser.SubqueryExpr:
		list = &q.nodes.subqueries
	case *parser.NumberLiteral:
		list = &q.nodes.numbers
	case *parser.StringLiteral:
		list = &q.nodes.strings
	}
	for _, n := range *list.(*[]T) {
		f(n)
	}
}

// each calls f for every node of a type in a part of a query.
func each[T parser.Node](e parser.Expr, f func(T)) {
	query.Walk(e, func(n parser.Expr) {
		if x, ok := n.(T); ok {
			f(x)
		}
	})
}

// eachMatcher looks at every matcher that an author wrote.
func eachMatcher(f func(*Query, *parser.VectorSelector, *labels.Matcher, Report)) func(*Query, Report) {
	return func(q *Query, report Report) {
		eachOf(q, func(vs *parser.VectorSelector) {
			for _, m := range vs.LabelMatchers {
				if m.Name != model.MetricNameLabel {
					f(q, vs, m, report)
				}
			}
		})
	}
}

// matcherAt returns the place of a matcher: the parser keeps that of its selector only.
func (q *Query) matcherAt(vs *parser.VectorSelector, m *labels.Matcher) diag.Position {
	return q.Within(vs, m.Name)
}

// matcherEdit exchanges the operator of a matcher, or its value. There is none where the matcher is written more than once
// in the selector, or in a way that is not as it is read.
func (q *Query) matcherEdit(vs *parser.VectorSelector, m *labels.Matcher, op string, value func(string) string) []diag.Edit {
	at, ok := q.MatcherText(vs, m.Name, m.Type.String(), m.Value)
	if !ok {
		return nil
	}
	if op != "" {
		return []diag.Edit{{At: at.Op, New: op}}
	}
	return []diag.Edit{{At: at.Value, New: value(m.Value)}}
}

func isRegexp(m *labels.Matcher) bool {
	return m.Type == labels.MatchRegexp || m.Type == labels.MatchNotRegexp
}

// variable reports whether a matcher's value holds one of Grafana's variables.
func variable(s string) bool { return len(source.References(s)) > 0 }

func (q *Query) hasDurationVariable() bool { return q.hasVariable(2) }
func (q *Query) hasFunctionVariable() bool { return q.hasVariable(4) }

func (q *Query) hasVariable(place uint8) bool {
	for _, v := range q.Variables {
		if uint8(v.Stands) == place {
			return true
		}
	}
	return false
}

// aboutBuckets reports whether an expression reads buckets of a classic histogram.
func aboutBuckets(q *Query, e parser.Expr) bool {
	found := false
	each(e, func(vs *parser.VectorSelector) { found = found || strings.HasSuffix(vs.Name, "_bucket") })
	return found
}

// perSecond reports whether values are a growth per second.
func perSecond(e parser.Expr) bool {
	rate := false
	each(e, func(c *parser.Call) { rate = rate || c.Func.Name == "rate" || c.Func.Name == "irate" })
	return rate
}

// lone is an expression that reads one selector.
type lone struct {
	vs     *parser.VectorSelector
	window time.Duration
	offset time.Duration
	fn     string
}

func onlySelector(e parser.Expr) (lone, bool) {
	var out lone
	n := 0
	query.Walk(e, func(x parser.Expr) {
		switch m := x.(type) {
		case *parser.VectorSelector:
			out.vs, out.offset = m, m.OriginalOffset
			n++
		case *parser.MatrixSelector:
			out.window = m.Range
		case *parser.SubqueryExpr:
			n = 9
		case *parser.Call:
			if out.fn == "" {
				out.fn = m.Func.Name
			}
		}
	})
	return out, n == 1
}

// windowed is a selector with its window and the function that takes it.
type windowed struct {
	vs     *parser.VectorSelector
	matrix *parser.MatrixSelector
	fn     string
}

func eachWindow(q *Query, f func(windowed)) {
	eachOf(q, func(c *parser.Call) {
		for _, a := range c.Args {
			if m, ok := unparen(a).(*parser.MatrixSelector); ok {
				if vs, ok := m.VectorSelector.(*parser.VectorSelector); ok {
					f(windowed{vs, m, c.Func.Name})
				}
			}
		}
	})
}

// bareShare returns the part of a share of two sums of different counters, where nothing fills it in while it is empty.
func bareShare(q *Query) (part parser.Expr, ok bool) {
	eachOf(q, func(b *parser.BinaryExpr) {
		if b.Op != parser.DIV || ok {
			return
		}
		l, okL := unparen(b.LHS).(*parser.AggregateExpr)
		r, okR := denominator(b.RHS)
		if !okL || !okR || l.Op != parser.SUM || len(l.Grouping) > 0 {
			return
		}
		a, okA := onlySelector(l)
		w, okW := onlySelector(r)
		if okA && okW && a.vs.Name != w.vs.Name && strings.Contains(a.vs.Name, "err") && q.Set.partOf(a.vs.Name, w.vs.Name) {
			part, ok = l, true
		}
	})
	return part, ok
}

// denominator returns the sum that something is divided by, be it with a floor under it.
func denominator(e parser.Expr) (*parser.AggregateExpr, bool) {
	switch n := unparen(e).(type) {
	case *parser.AggregateExpr:
		return n, n.Op == parser.SUM
	case *parser.Call:
		if n.Func.Name == "clamp_min" {
			return denominator(n.Args[0])
		}
	case *parser.BinaryExpr:
		if n.Op.IsComparisonOperator() {
			return denominator(n.LHS)
		}
	}
	return nil, false
}

// needsTwo are the functions that give nothing of one sample.
var needsTwo = map[string]bool{"rate": true, "irate": true, "increase": true, "delta": true, "idelta": true, "deriv": true, "predict_linear": true}

// condition is a comparison of a value with a number, the number on the right: 5 < x is x > 5.
type condition struct {
	node  *parser.BinaryExpr
	value parser.Expr
	op    parser.ItemType
	limit float64
}

// eachCondition calls f for every comparison of a vector with a number that is written out, bool or not. One that a
// variable stands in is left out.
func eachCondition(q *Query, f func(condition)) {
	if q.nodes == nil {
		q.nodes = nodesOf(q.Expr)
	}
	if !q.nodes.compared {
		q.nodes.compared = true
		for _, b := range q.nodes.binaries {
			if c, ok := conditionOf(q, b); ok {
				q.nodes.conditions = append(q.nodes.conditions, c)
			}
		}
	}
	for _, c := range q.nodes.conditions {
		f(c)
	}
}

func conditionOf(q *Query, e parser.Expr) (condition, bool) {
	b, ok := unparen(e).(*parser.BinaryExpr)
	if !ok || !b.Op.IsComparisonOperator() {
		return condition{}, false
	}
	if t := q.Table.Of(b.RHS); b.LHS.Type() == parser.ValueTypeVector && b.RHS.Type() == parser.ValueTypeScalar && !q.Touches(b.RHS) {
		if x, ok := t.Range.Exactly(); ok && constant(b.RHS) {
			return condition{b, b.LHS, b.Op, x}, true
		}
	}
	if t := q.Table.Of(b.LHS); b.RHS.Type() == parser.ValueTypeVector && b.LHS.Type() == parser.ValueTypeScalar && !q.Touches(b.LHS) {
		if x, ok := t.Range.Exactly(); ok && constant(b.LHS) {
			return condition{b, b.RHS, turned[b.Op], x}, true
		}
	}
	return condition{}, false
}

// turned are the comparisons with their sides exchanged.
var turned = map[parser.ItemType]parser.ItemType{
	parser.EQLC: parser.EQLC, parser.NEQ: parser.NEQ, parser.GTR: parser.LSS, parser.LSS: parser.GTR, parser.GTE: parser.LTE, parser.LTE: parser.GTE,
}

// up and down report whether the condition wants large values, or small ones.
func (c condition) up() bool   { return c.op == parser.GTR || c.op == parser.GTE }
func (c condition) down() bool { return c.op == parser.LSS || c.op == parser.LTE }

// implies reports whether what meets c meets d.
func (c condition) implies(d condition) bool {
	switch {
	case c.op == parser.EQLC:
		return d.holds(c.limit)
	case c.up() && d.up():
		return c.limit > d.limit || c.limit == d.limit && (c.op == parser.GTR || d.op == parser.GTE)
	case c.down() && d.down():
		return c.limit < d.limit || c.limit == d.limit && (c.op == parser.LSS || d.op == parser.LTE)
	}
	return false
}

// excludes reports whether nothing meets both.
func (c condition) excludes(d condition) bool {
	switch {
	case c.op == parser.EQLC:
		return !d.holds(c.limit)
	case d.op == parser.EQLC:
		return !c.holds(d.limit)
	case c.up() && d.down():
		return c.limit > d.limit || c.limit == d.limit && !(c.op == parser.GTE && d.op == parser.LTE)
	case c.down() && d.up():
		return d.excludes(c)
	}
	return false
}

func (c condition) holds(v float64) bool {
	switch c.op {
	case parser.EQLC:
		return v == c.limit
	case parser.NEQ:
		return v != c.limit
	case parser.GTR:
		return v > c.limit
	case parser.GTE:
		return v >= c.limit
	case parser.LSS:
		return v < c.limit
	}
	return v <= c.limit
}

// call returns the call of one of the functions that an expression is, parentheses aside.
func call(e parser.Expr, names ...string) (*parser.Call, bool) {
	c, ok := unparen(e).(*parser.Call)
	return c, ok && slices.Contains(names, c.Func.Name)
}

// aggregation returns the aggregation of one of the operators that an expression is, parentheses aside.
func aggregation(e parser.Expr, ops ...parser.ItemType) (*parser.AggregateExpr, bool) {
	a, ok := unparen(e).(*parser.AggregateExpr)
	return a, ok && slices.Contains(ops, a.Op)
}

// quotient returns the division that an expression is.
func quotient(e parser.Expr) (*parser.BinaryExpr, bool) {
	b, ok := unparen(e).(*parser.BinaryExpr)
	return b, ok && b.Op == parser.DIV
}

// same reports whether two expressions say the same.
func same(a, b parser.Expr) bool { return unparen(a).String() == unparen(b).String() }
