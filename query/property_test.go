package query_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/query"
)

// shape writes a tree with every node's children in brackets of its own, so that precedence and parentheses play no
// part: what is equal here is the same tree.
func shape(e parser.Expr) string {
	switch n := e.(type) {
	case *parser.ParenExpr:
		return shape(n.Expr)
	case *parser.BinaryExpr:
		m := ""
		if vm := n.VectorMatching; vm != nil {
			m = fmt.Sprintf("%v %v %v %v %v", vm.Card, vm.On, vm.MatchingLabels, vm.Include, vm.FillValues)
		}
		return fmt.Sprintf("(%s %s bool=%v [%s] %s)", shape(n.LHS), n.Op, n.ReturnBool, m, shape(n.RHS))
	case *parser.UnaryExpr:
		return fmt.Sprintf("(%s %s)", n.Op, shape(n.Expr))
	case *parser.AggregateExpr:
		param := ""
		if n.Param != nil {
			param = shape(n.Param)
		}
		return fmt.Sprintf("(%s %v %v {%s} %s)", n.Op, n.Without, n.Grouping, param, shape(n.Expr))
	case *parser.Call:
		var args []string
		for _, a := range n.Args {
			args = append(args, shape(a))
		}
		return fmt.Sprintf("(%s %s)", n.Func.Name, strings.Join(args, " "))
	case *parser.SubqueryExpr:
		return fmt.Sprintf("(subquery %s %v %v %v)", shape(n.Expr), n.Range, n.Step, n.OriginalOffset)
	case *parser.MatrixSelector:
		return fmt.Sprintf("(matrix %s %v)", shape(n.VectorSelector), n.Range)
	case *parser.VectorSelector:
		at := ""
		if n.Timestamp != nil {
			at = fmt.Sprint(*n.Timestamp)
		}
		var ms []string
		for _, m := range n.LabelMatchers {
			ms = append(ms, m.String())
		}
		slices.Sort(ms)
		return fmt.Sprintf("(%s %v offset %v @%s %v)", n.Name, ms, n.OriginalOffset, at, n.StartOrEnd)
	case *parser.NumberLiteral:
		return fmt.Sprint(n.Val)
	case *parser.StringLiteral:
		return fmt.Sprintf("%q", n.Val)
	default:
		return fmt.Sprintf("%T", e)
	}
}

// builder makes random expressions with the builder's methods.
type builder struct{ r *rand.Rand }

func (b builder) matchers() []catalog.Matcher {
	switch b.r.IntN(5) {
	case 0:
		return []catalog.Matcher{Protocol.Is(http)}
	case 1:
		return []catalog.Matcher{Protocol.In(http, grpc)}
	case 2:
		return []catalog.Matcher{Protocol.Not(grpc)}
	}
	return nil
}

func (b builder) leaf() query.Vector {
	switch b.r.IntN(9) {
	case 0:
		return query.Rate(Requests, b.matchers()...)
	case 1:
		return query.Increase(Duration.Count(), b.matchers()...)
	case 2:
		return query.Select(Open, b.matchers()...)
	case 3:
		return query.Delta(Open)
	case 4:
		return query.Quantile(b.r.Float64(), Duration, Protocol)
	case 5:
		return query.Quantile(0.5, Native, Protocol)
	case 6:
		return query.PredictLinear(Open, time.Hour)
	case 7:
		return query.Window(Open, b.matchers()...).MaxOverTime()
	}
	return query.Fraction(Duration, 1, Protocol)
}

func (b builder) number() query.Number {
	return []query.Number{0, 1, -1, 0.5, 1e9, -2.25, 100}[b.r.IntN(7)]
}

func (b builder) vector(depth int) query.Vector {
	if depth == 0 {
		return b.leaf()
	}
	v := b.vector(depth - 1)
	var o query.Operand = b.number()
	var ms []query.Matching
	if b.r.IntN(2) == 0 {
		o = b.vector(b.r.IntN(depth))
		switch b.r.IntN(4) {
		case 0:
			ms = []query.Matching{query.On(Protocol)}
		case 1:
			ms = []query.Matching{query.Ignoring(Status).GroupLeft()}
		}
	}
	switch b.r.IntN(24) {
	case 0:
		return v.Add(o, ms...)
	case 1:
		return v.Sub(o, ms...)
	case 2:
		return v.Mul(o, ms...)
	case 3:
		return v.Div(o, ms...)
	case 4:
		return v.Mod(o, ms...)
	case 5:
		return v.Pow(o, ms...)
	case 6:
		return v.Atan2(o, ms...)
	case 7:
		return v.And(b.vector(depth - 1))
	case 8:
		return v.Or(b.vector(depth-1), query.On(Protocol))
	case 9:
		return v.Unless(b.vector(depth - 1))
	case 10:
		return v.Neg()
	case 11:
		return v.Complement()
	case 12:
		return v.Sum(Protocol)
	case 13:
		return v.Without(catalog.Instance).Max()
	case 14:
		return v.TopK(3)
	case 15:
		return v.By(Protocol).Quantile(0.9)
	case 16:
		return v.Clamp(0, 1).Round(0.1)
	case 17:
		return v.Above(float64(b.number())).Vector
	case 18:
		return v.Below(float64(b.number())).Bool()
	case 19:
		return v.Compare(query.GreaterEqual, o, ms...).While(b.vector(depth - 1).Differs(3)).Vector
	case 20:
		return v.Subquery(time.Hour, time.Minute).SumOverTime()
	case 21:
		return v.Offset(time.Duration(b.r.IntN(7200)-3600) * time.Second)
	case 22:
		return v.At(time.UnixMilli(int64(b.r.IntN(1e9)))).AtEnd()
	}
	return v.Relabelled("zone", "$1", Protocol, "(h.*)")
}

// TestTreesSurviveTheirText lets Prometheus parse what the builder's trees print as, and compares the trees.
func TestTreesSurviveTheirText(t *testing.T) {
	b := builder{rand.New(rand.NewPCG(1, 2))}
	same := 0
	for range 3000 {
		v := b.vector(1 + b.r.IntN(5))
		if len(v.Findings()) > 0 {
			continue // a step that makes no sense is reported instead
		}
		tree := query.SetWindow(v.Expr(), 5*time.Minute)
		for _, text := range []string{tree.String(), query.Text(tree, "$w", true)} {
			back, err := query.ParseText(text)
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			if got, want := shape(back), shape(tree); got != want {
				t.Fatalf("%s\n\tis parsed as %s\n\twas built as %s", text, got, want)
			}
		}
		same++
	}
	if same < 1000 {
		t.Errorf("only %d expressions made sense", same)
	}
}

func FuzzBuilder(f *testing.F) {
	f.Add(uint64(1), uint64(2), 3)
	f.Fuzz(func(t *testing.T, a, z uint64, depth int) {
		v := builder{rand.New(rand.NewPCG(a, z))}.vector(max(0, depth) % 7)
		if len(v.Findings()) > 0 {
			return
		}
		tree := query.SetWindow(v.Expr(), time.Minute)
		back, err := query.ParseText(query.Text(tree, "", true))
		if err != nil {
			t.Fatalf("%s: %v", tree, err)
		}
		if got, want := shape(back), shape(tree); got != want {
			t.Errorf("%s\n\tis parsed as %s\n\twas built as %s", tree, got, want)
		}
	})
}
