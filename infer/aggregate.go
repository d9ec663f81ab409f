package infer

import (
	"math"
	"slices"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/unit"
)

func (in *inferrer) aggregate(n *parser.AggregateExpr) Type {
	in.expr(n.Param)
	operand := in.expr(n.Expr)
	if in.groupsByNothing(n, operand) {
		return anything(parser.ValueTypeVector)
	}
	t := operand
	t.Value, t.form = parser.ValueTypeVector, nil
	if n.Without {
		t.Labels = t.Labels.drop(append([]string{metricName}, n.Grouping...)...)
	} else {
		t.Labels = t.Labels.keep(n.Grouping...)
	}
	if numbersOnly(n.Op) {
		if operand.Native == Must && operand.Empty != Must {
			out := in.faulty(nativeIgnored(n, n.Op.String()+"()"))
			out.Empty = Must
			return out
		}
		if operand.Native == Maybe && t.Empty == Never {
			t.Empty = Maybe
		}
		t.Native = Never
	}
	if (n.Op == parser.SUM || n.Op == parser.AVG) && operand.Native == Maybe && t.Empty == Never {
		t.Empty = Maybe // of numbers and histograms in one group there is none
	}
	r := operand.Range
	switch n.Op {
	case parser.SUM:
		t.Kind, t.Range = sumKind(n, operand), sumRange(r)
		if t.Unit.IsPoint() {
			t.Unit = unit.Unknown
		}
		t.form = operand.form.aggregated(n.Op, n.Grouping, n.Without)
		if operand.Unit.IsState() {
			t = summedStates(t, r)
		}
	case parser.AVG:
		if operand.Unit.IsState() {
			t.Unit, t.Metric = unit.Unknown, nil
			if flag(r) {
				t.Unit = unit.Ratio // of the series that are 1
			}
		}
		t.Kind = aggregateKind(operand.Kind, Mean)
		t.Range.Whole = false
		t.Range = t.Range.orNaN(r.posInf() && r.negInf())
	case parser.MIN, parser.MAX:
		t.Kind = aggregateKind(operand.Kind, Extremum)
		t.form = operand.form.aggregated(n.Op, n.Grouping, n.Without)
	case parser.COUNT:
		t = counted(t)
		t.form = operand.form.aggregated(n.Op, n.Grouping, n.Without)
	case parser.GROUP:
		t = t.number(Constant, unit.One, exactly(1))
	case parser.STDDEV, parser.STDVAR:
		t.Kind, t.Unit, t.Range = Unknown, amount(t.Unit), deviation(r)
		if n.Op == parser.STDVAR {
			t.Unit, t.Range = unit.Square(t.Unit), t.Range.pow(exactly(2))
		}
	case parser.QUANTILE:
		t.Kind = aggregateKind(operand.Kind, Quantile)
		t.Range = quantileRange(in.expr(n.Param).Range, r)
	case parser.COUNT_VALUES:
		t = counted(t)
		s, ok := unparen(n.Param).(*parser.StringLiteral)
		switch {
		case !ok:
			t.Labels = Labels{}
		case !n.Without || !slices.Contains(n.Grouping, s.Val): // else it is dropped together with what it replaces
			t.Labels = t.Labels.steady().set(label{name: s.Val, presence: Must})
		}
	case parser.TOPK, parser.BOTTOMK, parser.LIMITK, parser.LIMIT_RATIO:
		return chosen(n, operand, in.expr(n.Param).Range)
	default:
		return anything(parser.ValueTypeVector)
	}
	if operand.Labels.Certain(labels.BucketLabel) && !t.Labels.Has(labels.BucketLabel) {
		t.Observed = unit.Unknown // no buckets any more
	}
	return t
}

// groupsByNothing reports, and records, a grouping by labels that the operand does not have.
func (in *inferrer) groupsByNothing(n *parser.AggregateExpr, operand Type) bool {
	if operand.Empty == Must {
		return false
	}
	found := false
	for _, name := range n.Grouping {
		if name == metricName || operand.Labels.Has(name) {
			continue
		}
		f := groupingLacks(n, name, operand)
		in.report(f)
		found = found || f.Severity == diag.Error
	}
	return found
}

// chosen is the type of an aggregation that keeps some series as they are.
func chosen(n *parser.AggregateExpr, operand Type, k Range) Type {
	t := operand
	t.Labels, t.form = t.Labels.steady(), t.form.some()
	if t.Kind == Bucket || t.Kind == BucketRate {
		t.Kind = Unknown // buckets are of use together only
	}
	if numbersOnly(n.Op) {
		t.Native = Never
	}
	if t.Empty == Never && !(k.Lo >= 1 && !k.NaN && n.Op != parser.LIMIT_RATIO) {
		t.Empty = Maybe
	}
	return t
}

// numbersOnly reports whether an aggregation leaves native histograms out.
func numbersOnly(op parser.ItemType) bool {
	return slices.Contains([]parser.ItemType{parser.MIN, parser.MAX, parser.STDDEV, parser.STDVAR, parser.QUANTILE, parser.TOPK, parser.BOTTOMK}, op)
}

// counted is a number of series, of whatever the operand is: never 0, since there is no group without one.
func counted(t Type) Type { return t.number(Counted, unit.One, integers(1, inf)) }

// number returns the type of a plain number with the series of t.
func (t Type) number(k Kind, u unit.Unit, r Range) Type {
	t.Value, t.Kind, t.Unit, t.Range = parser.ValueTypeVector, k, u, r
	t.Observed, t.Native, t.form = unit.Unknown, Never, nil
	return t
}

// flag reports whether a state is one of yes and no.
func flag(r Range) bool { return r.Lo >= 0 && r.Hi <= 1 }

// summedStates is the type of a sum of states: how many series are 1, where 0 is the only other state. The sum of
// other codes means nothing.
func summedStates(t Type, r Range) Type {
	if flag(r) {
		t = t.number(Counted, unit.One, sumRange(r))
	} else {
		t.Unit = unit.Unknown
	}
	t.Metric = nil
	return t
}

func sumKind(n *parser.AggregateExpr, operand Type) Kind {
	switch operand.Kind {
	case Counter, Bucket, Cumulative:
		return Cumulative
	case Native:
		return Native // restarts are seen in the histogram itself
	case Rate, Increase, NativeRate, Delta, Counted:
		return operand.Kind
	case BucketRate:
		if slices.Contains(n.Grouping, labels.BucketLabel) != n.Without {
			return BucketRate
		}
	case Gauge, Constant, Bool:
		return Gauge
	}
	return Unknown
}

// aggregateKind is the kind of an aggregate other than a sum.
func aggregateKind(operand, numbers Kind) Kind {
	switch operand {
	case Counter, Bucket, Cumulative:
		return Cumulative
	case Native, NativeRate:
		return operand
	}
	return numbers
}

// sumRange is the range of a sum of one or more values.
func sumRange(r Range) Range {
	out := Range{Lo: -inf, Hi: inf, OpenLo: !r.negInf(), OpenHi: !r.posInf(), Whole: r.Whole, plusZero: r.neverMinusZero()}
	if r.nonNegative() {
		out.Lo, out.OpenLo = r.Lo, r.OpenLo
	}
	if r.Hi <= 0 {
		out.Hi, out.OpenHi = r.Hi, r.OpenHi
	}
	return out.orVoid(r).orNaN(r.NaN || r.posInf() && r.negInf())
}

// deviation is the range of a standard deviation: at most half of the spread, by Popoviciu's inequality.
func deviation(r Range) Range {
	out := Range{Lo: 0, Hi: (r.Hi - r.Lo) / 2, NaN: r.NaN || r.mayBeInf(), plusZero: true}
	if math.IsNaN(out.Hi) || math.IsInf(out.Hi, 1) {
		out.Hi, out.OpenHi = inf, !r.mayBeInf()
	}
	return out.orVoid(r)
}

// quantileRange is the range of a quantile of values, phi the range of what is asked for.
func quantileRange(phi, r Range) Range {
	out := Range{Lo: r.Lo, Hi: r.Hi, OpenLo: r.OpenLo, OpenHi: r.OpenHi, NaN: r.NaN || phi.NaN || r.mayBeInf(), plusZero: r.plusZero}
	if !(phi.Lo >= 0) {
		out = out.hull(exactly(-inf))
	}
	if !(phi.Hi <= 1) {
		out = out.hull(exactly(inf))
	}
	return out
}
