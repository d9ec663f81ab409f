// Package infer says what each node of a PromQL expression is: which labels its series certainly and
// possibly carry, in which unit, in which range, and what kind of number it is. The facts are kept in a
// table beside the tree, which is never changed. What is not known stays unknown and accuses nobody: a
// faulty node is unknown to the nodes above it, so that one mistake gives one message.
//
// There is no promise of compatibility before 1.0.
package infer

import (
	"slices"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/unit"
)

// Table holds the type of each node of one expression, and the faults that were met.
type Table struct {
	root   parser.Expr
	nodes  map[parser.Expr]Type
	faults []Fault
}

// Infer returns the types of an expression and of all below it. A matrix selector without a range stands
// for a window that is chosen later. The expression may be built by hand, without positions; a node that
// is there several times is inferred once. Variables say which of its numbers are not written but chosen.
func Infer(e parser.Expr, env *Env, variables ...Variables) *Table {
	if env == nil {
		env = NewEnv(nil)
	}
	in := &inferrer{env: env, table: &Table{root: e, nodes: make(map[parser.Expr]Type, 8)}, variables: variables}
	in.expr(e)
	return in.table
}

// Of returns the type of a node; of one that is not in the expression, a type that knows nothing.
func (t *Table) Of(n parser.Expr) Type {
	if found, ok := t.nodes[n]; ok {
		return found
	}
	return anything(parser.ValueTypeNone)
}

// Root returns the type of the whole expression.
func (t *Table) Root() Type { return t.Of(t.root) }

// Faults returns what is wrong, in the order of the tree: operands before what is made of them.
func (t *Table) Faults() []Fault { return slices.Clone(t.faults) }

// Variables reports whether a number of the tree stands for a variable, and the values that the variable can have: none
// where they are not known.
type Variables func(*parser.NumberLiteral) (values []float64, stands bool)

type inferrer struct {
	env       *Env
	table     *Table
	variables []Variables
}

func (in *inferrer) expr(e parser.Expr) Type {
	if e == nil { // a part of a tree that did not parse
		return anything(parser.ValueTypeNone)
	}
	if t, ok := in.table.nodes[e]; ok {
		return t
	}
	t := in.node(e)
	in.table.nodes[e] = t
	return t
}

func (in *inferrer) node(e parser.Expr) Type {
	switch n := e.(type) {
	case *parser.NumberLiteral:
		u := unit.Literal
		if n.Duration {
			u = unit.Seconds
		}
		for _, variable := range in.variables {
			if values, ok := variable(n); ok {
				return chosenNumber(n, values)
			}
		}
		return scalar(Constant, u, exactly(n.Val))
	case *parser.StringLiteral:
		return anything(parser.ValueTypeString)
	case *parser.ParenExpr:
		return in.expr(n.Expr)
	case *parser.StepInvariantExpr:
		return in.expr(n.Expr)
	case *parser.DurationExpr:
		return scalar(Unknown, unit.Seconds, Anything)
	case *parser.VectorSelector:
		return in.selector(n)
	case *parser.MatrixSelector:
		return in.window(n)
	case *parser.SubqueryExpr:
		t := in.expr(n.Expr)
		t.Value, t.form = parser.ValueTypeMatrix, nil
		if t.Empty == Never {
			t.Empty = Maybe // the window may hold no step
		}
		t.Labels = t.Labels.steady()
		return t
	case *parser.UnaryExpr:
		return in.unary(n)
	case *parser.Call:
		return in.call(n)
	case *parser.AggregateExpr:
		return in.aggregate(n)
	case *parser.BinaryExpr:
		return in.binary(n)
	}
	return anything(parser.ValueTypeNone)
}

// chosenNumber returns the type of a number that a variable stands for. Its unit is not known, as it may convert one.
func chosenNumber(n *parser.NumberLiteral, values []float64) Type {
	t := scalar(Constant, unit.Unknown, Anything)
	if n.Duration {
		t.Unit = unit.Seconds
	}
	for i, v := range values {
		if i == 0 {
			t.Range = exactly(v)
		}
		t.Range = t.Range.hull(exactly(v))
	}
	return t
}

// scalar returns the type of a single number.
func scalar(k Kind, u unit.Unit, r Range) Type {
	t := anything(parser.ValueTypeScalar)
	t.Kind, t.Unit, t.Range = k, u, r
	return t
}

func (in *inferrer) window(n *parser.MatrixSelector) Type {
	t := in.expr(n.VectorSelector)
	t.Value = parser.ValueTypeMatrix
	if t.form != nil {
		f := *t.form
		f.at.window = n.Range
		if n.RangeExpr != nil {
			f.at.text += "[" + n.RangeExpr.String() + "]"
		}
		t.form = &f
	}
	return t
}

func (in *inferrer) unary(n *parser.UnaryExpr) Type {
	t := in.expr(n.Expr)
	if n.Op != parser.SUB {
		return t
	}
	if t.Kind.CountsUp() || t.Kind == Cumulative {
		t.Kind = Unknown
	}
	if t.Unit.IsPoint() {
		t.Unit = unit.Unknown
	}
	t.Labels, t.Range, t.form, t.counts = t.Labels.drop(metricName), t.Range.neg(), nil, false
	return t
}

// reaches returns the node below e that first lost a label: what is directly made of a node that has it.
// It is nil where no node has it.
func (in *inferrer) lost(e parser.Expr, name string) parser.Expr {
	for _, child := range children(e) {
		t, ok := in.table.nodes[child]
		switch {
		case !ok:
			continue
		case t.Labels.get(name).presence == Must:
			return e
		}
		if n := in.lost(child, name); n != nil {
			return n
		}
	}
	return nil
}

func children(e parser.Expr) []parser.Expr {
	switch n := e.(type) {
	case *parser.ParenExpr:
		return []parser.Expr{n.Expr}
	case *parser.StepInvariantExpr:
		return []parser.Expr{n.Expr}
	case *parser.MatrixSelector:
		return []parser.Expr{n.VectorSelector}
	case *parser.SubqueryExpr:
		return []parser.Expr{n.Expr}
	case *parser.UnaryExpr:
		return []parser.Expr{n.Expr}
	case *parser.Call:
		return n.Args
	case *parser.AggregateExpr:
		return []parser.Expr{n.Expr}
	case *parser.BinaryExpr:
		return []parser.Expr{n.LHS, n.RHS}
	}
	return nil
}
