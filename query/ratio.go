package query

import (
	"fmt"
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// Idle says what a ratio means while its whole is zero. There is no usual: dividing by no traffic gives
// NaN, which no comparison passes and no panel draws, and whether that is right only the author knows.
type Idle int

const (
	_ Idle = iota
	// Quiet gives no value while there is no traffic: an alert stays silent, a panel has a gap.
	Quiet
	// Zero gives 0 while there is no traffic: nothing failed.
	Zero
	// Page gives 1 while there is no traffic, so that an alert on a share of failures fires: here
	// silence is itself the failure.
	Page
)

// Ratio returns part ÷ whole, a number from 0 to 1. Both are sums of rates by the same labels, or sums of
// these over one subquery, which weighs every moment by its traffic; the part
// must select some of what the whole selects: the same counter with more matchers, or a counter that
// the catalog declares PartOf the whole's. A group of the whole that lacks the part counts as 0, so
// that there is a value before the first failure.
func Ratio(part, whole Vector, idle Idle) Vector {
	p, w := part.get(), whole.get()
	// (part or whole * 0) / (whole > 0)
	zero := binary(1, parser.MUL, w, Number(0).operand(), nil)
	filled := binary(1, parser.LOR, p, zero, nil)
	some := binary(1, parser.GTR, w, Number(0).operand(), nil)
	n := binary(1, parser.DIV, filled, some, nil)
	switch idle {
	case Zero:
		n = binary(1, parser.LOR, n, zero, nil)
	case Page:
		n = binary(1, parser.LOR, n, binary(1, parser.ADD, zero, Number(1).operand(), nil), nil)
	}
	// The parts appear several times in the tree, their faults once.
	n.found = append(slices.Clone(p.found), w.found...)
	if idle < Quiet || idle > Page {
		n.fault("query/ratio", "the ratio does not say what no traffic means", "pass query.Quiet, query.Zero or query.Page")
	}
	if averaged(p.expr) || averaged(w.expr) {
		n.fault("query/ratio", "the ratio divides averages over a window: an average leaves out the times without a sample, so a part that appears with its first event counts as if it had always been that high",
			"use SumOverTime on both sides")
	} else if why := outside(p.expr, w.expr, partsOf(part, whole)); why != "" {
		n.fault("query/ratio", "the part is not inside the whole: "+why, "take both from one counter, with fewer matchers on the whole, and group both by the same labels")
	}
	return Vector{n}
}

// sumOfRates is the shape that both sides of a ratio have.
type sumOfRates struct {
	op       parser.ItemType
	by       []string
	without  bool
	fn       string
	window   *parser.MatrixSelector
	selector *parser.VectorSelector
	// over is the subquery over which they are summed, nil for none.
	over *parser.SubqueryExpr
}

// averaged reports whether a side of a ratio is an average over a window.
func averaged(e parser.Expr) bool {
	c, ok := e.(*parser.Call)
	return ok && c.Func.Name == "avg_over_time"
}

func shapeOf(e parser.Expr) (sumOfRates, bool) {
	if c, ok := e.(*parser.Call); ok && c.Func.Name == "sum_over_time" {
		over, ok := c.Args[0].(*parser.SubqueryExpr)
		if !ok {
			return sumOfRates{}, false
		}
		s, ok := shapeOf(over.Expr)
		s.over = over
		return s, ok
	}
	agg, ok := e.(*parser.AggregateExpr)
	if !ok || agg.Op != parser.SUM && agg.Op != parser.COUNT {
		return sumOfRates{}, false
	}
	s := sumOfRates{op: agg.Op, by: slices.Sorted(slices.Values(agg.Grouping)), without: agg.Without}
	inner := agg.Expr
	if c, ok := inner.(*parser.Call); ok && len(c.Args) == 1 && (c.Func.Name == "rate" || c.Func.Name == "increase") {
		s.fn = c.Func.Name
		m, ok := c.Args[0].(*parser.MatrixSelector)
		if !ok {
			return sumOfRates{}, false
		}
		s.window, inner = m, m.VectorSelector
	}
	s.selector, ok = inner.(*parser.VectorSelector)
	return s, ok
}

// outside returns why a part is not inside a whole, and "" where it is.
func outside(part, whole parser.Expr, partOf map[string]string) string {
	p, okP := shapeOf(part)
	w, okW := shapeOf(whole)
	switch {
	case !okP || !okW:
		return "a side is not the sum of one selector's rates"
	case p.op != w.op || p.fn != w.fn:
		return fmt.Sprintf("one side is %s of %s, the other %s of %s", p.op, orSamples(p.fn), w.op, orSamples(w.fn))
	case p.without != w.without || !slices.Equal(p.by, w.by):
		return fmt.Sprintf("the sides are grouped by (%s) and (%s)", strings.Join(p.by, ", "), strings.Join(w.by, ", "))
	case p.window != nil && p.window.Range != w.window.Range,
		p.selector.OriginalOffset != w.selector.OriginalOffset, !sameSteps(p.over, w.over):
		return "the sides look at different windows"
	case p.selector.Name != w.selector.Name && partOf[p.selector.Name] != w.selector.Name:
		return fmt.Sprintf("%s is not declared PartOf %s", p.selector.Name, w.selector.Name)
	}
	for _, m := range w.selector.LabelMatchers {
		if m.Name == model.MetricNameLabel {
			continue
		}
		if !slices.ContainsFunc(p.selector.LabelMatchers, func(o *labels.Matcher) bool {
			return o.Name == m.Name && o.Type == m.Type && o.Value == m.Value
		}) {
			return fmt.Sprintf("the whole has the matcher %s, the part has not", m)
		}
	}
	return ""
}

func sameSteps(a, b *parser.SubqueryExpr) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Range == b.Range && a.Step == b.Step && a.OriginalOffset == b.OriginalOffset
}

func orSamples(fn string) string {
	if fn == "" {
		return "samples"
	}
	return fn
}

// partsOf collects which counters of the operands are declared parts of which.
func partsOf(vs ...Vector) map[string]string {
	out := map[string]string{}
	for _, v := range vs {
		for _, m := range v.get().metrics {
			if m.PartOf != nil {
				out[m.Name] = m.PartOf.Series().Name()
			}
		}
	}
	return out
}
