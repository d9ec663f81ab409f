package infer

import (
	"slices"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/unit"
)

func (in *inferrer) binary(n *parser.BinaryExpr) Type {
	a, b := in.expr(n.LHS), in.expr(n.RHS)
	vectors := a.Value == parser.ValueTypeVector && b.Value == parser.ValueTypeVector
	m := n.VectorMatching
	if m == nil {
		m = oneToOne
	}
	if vectors {
		a, b = a.filled(m.FillValues.LHS), b.filled(m.FillValues.RHS)
	}
	switch {
	case n.Op.IsSetOperator():
		if !vectors {
			return anything(parser.ValueTypeVector)
		}
		return in.set(n, m, a, b)
	case vectors && (!fills(m) && in.neverJoins(n, m, a, b) || in.joinsMany(n, m, a, b) || in.includesAbsent(n, m, a, b)):
		t := anything(parser.ValueTypeVector)
		if u, ok := arithmeticUnit(n.Op, a, b); ok && !n.Op.IsComparisonOperator() {
			t.Unit = u // whatever joins or not, it is in this unit
		}
		return t
	case n.Op.IsComparisonOperator():
		return in.comparison(n, m, a, b, vectors)
	case trims(n.Op):
		return in.trim(n, m, a, b, vectors)
	}
	return in.arithmetic(n, m, a, b, vectors)
}

func fills(m *parser.VectorMatching) bool { return m.FillValues.LHS != nil || m.FillValues.RHS != nil }

// frame is what an operator's result has before its operation is looked at: value type, labels, presence.
func frame(n *parser.BinaryExpr, m *parser.VectorMatching, a, b Type, vectors bool) Type {
	t := Type{Value: parser.ValueTypeVector, Native: Never}
	keepsName := n.Op.IsComparisonOperator() && !n.ReturnBool || trims(n.Op)
	switch {
	case vectors && fills(m):
		t.Labels = filledLabels(m, a.Labels, b.Labels)
	case vectors:
		t.Labels = joinedLabels(m, a.Labels, b.Labels)
	case a.Value == parser.ValueTypeVector:
		t.Labels, t.Empty = a.Labels, a.Empty
	case b.Value == parser.ValueTypeVector:
		t.Labels, t.Empty = b.Labels, b.Empty
	default:
		t.Value, t.Empty, t.Labels.closed = parser.ValueTypeScalar, Never, true
		return t
	}
	if vectors && !fills(m) {
		switch {
		case a.Empty == Must || b.Empty == Must:
			t.Empty = Must
		case a.Empty == Never && b.Empty == Never && a.Labels.none() && b.Labels.none():
			t.Empty = Never
		}
	}
	if !keepsName {
		t.Labels = t.Labels.drop(metricName)
	}
	if a.Metric == b.Metric || b.Value == parser.ValueTypeScalar && b.Metric == nil {
		t.Metric = a.Metric
	} else if a.Value == parser.ValueTypeScalar && a.Metric == nil {
		t.Metric = b.Metric
	}
	return t
}

// filled returns the type of a side whose series are filled in with a number where the other side has no match.
func (t Type) filled(v *float64) Type {
	if v == nil {
		return t
	}
	t.Range = t.Range.hull(exactly(*v))
	if t.Native == Must {
		t.Native, t.Range = Maybe, exactly(*v)
	}
	t.form = nil
	return t
}

func trims(op parser.ItemType) bool { return op == parser.TRIM_UPPER || op == parser.TRIM_LOWER }

// trim returns the type of </ and >/, which cut native histograms off at a number and give nothing for anything else.
func (in *inferrer) trim(n *parser.BinaryExpr, m *parser.VectorMatching, a, b Type, vectors bool) Type {
	t := frame(n, m, a, b, vectors)
	if t.Value == parser.ValueTypeScalar {
		return anything(parser.ValueTypeScalar)
	}
	if (a.Native == Never || b.Native == Must) && t.Empty != Must {
		out := in.faulty(trimsNothing(n, a.Native == Never))
		out.Empty = Must
		return out
	}
	if (a.Native != Must || b.Native != Never) && t.Empty == Never {
		t.Empty = Maybe
	}
	// the sum is estimated from the buckets, and may lie where no observation of the metric can
	t.Kind, t.Unit, t.Observed, t.Native, t.Range, t.counts, t.Metric = a.Kind, a.Unit, a.Observed, Must, Anything, a.counts && !b.Range.NaN, nil
	return t
}

func (in *inferrer) arithmetic(n *parser.BinaryExpr, m *parser.VectorMatching, a, b Type, vectors bool) Type {
	u, fits := arithmeticUnit(n.Op, a, b)
	if !fits {
		t := in.faulty(unitMismatch(n, a.Unit, b.Unit))
		if a.Value == parser.ValueTypeScalar && b.Value == parser.ValueTypeScalar {
			t = anything(parser.ValueTypeScalar)
		}
		return t
	}
	t := frame(n, m, a, b, vectors)
	if a.Native != Never || b.Native != Never {
		t = in.nativeArithmetic(n, t, a, b, u)
		if n.Op == parser.DIV && t.Native == Maybe && vectors && !fills(m) {
			in.related(n, m, a, b, &t)
		}
		return t
	}
	t.Unit, t.Range, t.Kind = u, arithmetic(n.Op, a.Range, b.Range), arithmeticKind(n.Op, a, b, u)
	switch {
	case fills(m):
	case vectors:
		in.related(n, m, a, b, &t)
	case n.Op == parser.MUL || n.Op == parser.DIV:
		if k, ok := factor(b); ok && n.Op == parser.MUL {
			t.form = a.form.scaled(k)
		} else if ok && k != 0 {
			t.form = a.form.scaled(1 / k)
		} else if k, ok := factor(a); ok && n.Op == parser.MUL {
			t.form = b.form.scaled(k)
		}
	}
	if t.Kind == Bucket || t.Kind == BucketRate || t.Kind == Native || t.Kind == NativeRate {
		t.Observed = a.Observed
		if !a.Observed.IsKnown() {
			t.Observed = b.Observed
		}
	}
	return t
}

// related adds to the result of two vectors what their forms say of each other.
func (in *inferrer) related(n *parser.BinaryExpr, m *parser.VectorMatching, a, b Type, t *Type) {
	positive := a.Range.nonNegative() && b.Range.nonNegative()
	j := joinedBy(m)
	switch n.Op {
	case parser.ADD:
		if positive && a.form != nil && b.form != nil && m.Card == parser.CardOneToOne && !m.On && len(m.MatchingLabels) == 0 {
			t.form = &form{terms: slices.Concat(a.form.flat(), b.form.flat())}
		}
	case parser.SUB:
		if k, ok := b.form.inside(a.form, j); ok && positive && k <= 1 && m.Card != parser.CardOneToMany && a.form.terms == nil {
			f := *a.form
			f.lessened = true
			t.form, t.Range = &f, t.Range.within(Range{Lo: 0, Hi: inf, OpenHi: true})
		}
	case parser.DIV:
		if m.Card == parser.CardOneToMany {
			return
		}
		if a.form.meanOf(b.form, j) {
			t.Kind, t.Unit, t.Metric = Mean, a.Observed, a.Metric
			t.Range = observed(a.Metric).orNaN(b.Range.mayBeZero())
			return
		}
		k, ok := a.form.inside(b.form, j)
		if !ok {
			return
		}
		t.Kind, t.Unit, t.Native = Ratio, scaledUnit(unit.Ratio, k), Never // of two histograms there is no ratio
		if positive {
			t.Range = between(0, k).orNaN(b.Range.mayBeZero() || b.Range.NaN)
		}
		if a.form.equals(b.form, j) {
			t.Range = exactly(k).orNaN(true)
			if len(a.form.matchers) != len(b.form.matchers) {
				*t = in.faulty(alwaysOne(n, a.form, b.form))
			}
		}
	}
}

func (f *form) flat() []*form {
	if f.terms != nil {
		return f.terms
	}
	return []*form{f}
}

// arithmeticKind returns what the result of two numbers is.
func arithmeticKind(op parser.ItemType, a, b Type, u unit.Unit) Kind {
	ka, constA := factor(a)
	kb, constB := factor(b)
	switch {
	case constA && constB:
		return Constant
	case constB && (op == parser.MUL || op == parser.DIV):
		return scaledKind(a.Kind, kb)
	case constA && op == parser.MUL:
		return scaledKind(b.Kind, ka)
	case constB && (op == parser.ADD || op == parser.SUB):
		return shiftedKind(a.Kind)
	case constA && (op == parser.ADD || op == parser.SUB):
		if k := shiftedKind(b.Kind); op == parser.ADD || k != Counter {
			return k
		}
	case op == parser.ADD && a.Kind == b.Kind:
		switch a.Kind {
		case Counter:
			return Cumulative
		case Rate, Increase, BucketRate, Ratio, Gauge, Cumulative:
			return a.Kind
		}
	case op == parser.SUB && a.Kind == b.Kind && (a.Kind == Gauge || a.Kind == Ratio):
		return a.Kind
	case op == parser.SUB && a.Unit.IsPoint() && b.Unit.IsPoint():
		return Gauge // an age
	case op == parser.DIV && u.IsShare():
		return Ratio
	}
	return Unknown
}

// scaledKind is the kind after a multiplication or division by a bare number.
func scaledKind(k Kind, factor float64) Kind {
	switch {
	case factor == 0:
		return Constant
	case factor < 0 && (k.CountsUp() || k == BucketRate || k == Cumulative), k == Bool:
		return Unknown
	}
	return k
}

// shiftedKind is the kind after a bare number was added.
func shiftedKind(k Kind) Kind {
	switch k {
	case Counter, Gauge, Ratio, Quantile, Mean, Extremum:
		return k
	}
	return Unknown
}

// nativeArithmetic returns the result where samples are, or may be, native histograms. They can be scaled,
// added and subtracted; nothing else has a meaning, and the engine gives nothing for it.
func (in *inferrer) nativeArithmetic(n *parser.BinaryExpr, t, a, b Type, u unit.Unit) Type {
	t.Range, t.Unit, t.Native = Anything, u, either(a.Native, b.Native)
	if t.Value == parser.ValueTypeScalar {
		return t
	}
	number := func(s Type) bool { return s.Native == Never }
	t.counts = addsUp(n.Op, a, b)
	if a.Native == Maybe || b.Native == Maybe {
		t.Native = Maybe
		if t.Empty == Never {
			t.Empty = Maybe // some pairs have no result
		}
		if number(a) || number(b) {
			t.Range = arithmetic(n.Op, a.Range, b.Range)
		}
		return t
	}
	switch {
	case !number(a) && !number(b) && (n.Op == parser.ADD || n.Op == parser.SUB):
		t.Native, t.Kind, t.Observed = Must, a.Kind, a.Observed
		if a.Kind != b.Kind {
			t.Kind = Unknown
		}
		return t
	case n.Op == parser.MUL && number(a) != number(b), n.Op == parser.DIV && number(b):
		s := a
		if number(a) {
			s = b
		}
		t.Native, t.Kind, t.Observed, t.Unit = Must, s.Kind, s.Observed, s.Unit
		if t.Kind == Native && !t.counts {
			t.Kind = Unknown // it falls where it grew
		}
		return t
	}
	if a.Empty == Must || b.Empty == Must {
		t.Empty = Must
		return t
	}
	out := in.faulty(nativeOperand(n))
	out.Empty = Must
	return out
}

// addsUp reports whether native histograms have no negative bucket after an operator.
func addsUp(op parser.ItemType, a, b Type) bool {
	if a.Native == Never {
		a, b = b, a // the number is on the right
		if op != parser.MUL {
			return false
		}
	}
	positive := b.Range.nonNegative() && !b.Range.NaN
	switch op {
	case parser.ADD:
		return a.counts && b.counts
	case parser.MUL:
		return a.counts && b.Native == Never && positive && !b.Range.posInf()
	case parser.DIV:
		return a.counts && b.Native == Never && positive && !b.Range.mayBeZero()
	}
	return false
}

func (in *inferrer) comparison(n *parser.BinaryExpr, m *parser.VectorMatching, a, b Type, vectors bool) Type {
	t := frame(n, m, a, b, vectors)
	if a.Native == Must && b.Native == Never || a.Native == Never && b.Native == Must {
		if n.Op.IsComparisonOperator() && t.Empty != Must && t.Value == parser.ValueTypeVector {
			out := in.faulty(nativeOperand(n))
			out.Empty = Must
			return out
		}
	}
	if !a.Unit.Fits(b.Unit) {
		out := in.faulty(unitMismatch(n, a.Unit, b.Unit))
		out.Value = t.Value
		return out
	}
	left, right, op := a, b, n.Op
	if a.Value == parser.ValueTypeScalar && b.Value == parser.ValueTypeVector {
		left, right, op = b, a, mirrored(op) // the vector's value is kept, whichever side it is on
	}
	truth, kept := compare(op, left.Range, right.Range)
	if left.Native != Never || right.Native != Never {
		truth, kept = Maybe, left.Range // numbers only are compared
		if left.Native == Maybe && right.Native == Never {
			_, kept = compare(op, left.Range, right.Range)
		}
	}
	if (left.Native != Never || right.Native != Never) && t.Empty == Never {
		t.Empty = Maybe
	}
	silent := t.Empty == Must || t.Value == parser.ValueTypeScalar || fills(m)
	if n.ReturnBool || t.Value == parser.ValueTypeScalar {
		t.Kind, t.Unit, t.Range = Bool, unit.One, integers(0, 1)
		switch truth {
		case Never:
			t.Range = exactly(0)
			if !silent {
				in.report(rangeNever(n, a, b))
			}
		case Must:
			t.Range = exactly(1)
		}
		return t
	}
	t.Kind, t.Unit, t.Observed, t.Native, t.Range, t.Metric = left.Kind, left.Unit, left.Observed, left.Native, kept, left.Metric
	t.form, t.counts = left.form, left.counts
	switch {
	case truth == Never:
		if !silent {
			in.report(rangeNever(n, a, b))
		}
		out := anything(parser.ValueTypeVector)
		out.Labels, out.Empty = t.Labels, Must
		return out
	case truth == Must && !silent && left.Kind != Counted && left.Kind != Constant:
		// that something is there at all is asked with count(x) > 0
		in.report(rangeAlways(n, a, b))
	case truth == Maybe:
		t.Labels, t.form = t.Labels.steady(), t.form.some()
		if t.Empty == Never {
			t.Empty = Maybe
		}
	}
	if m.Card == parser.CardOneToMany {
		t.form = nil // the labels are those of the other side
	}
	return t
}

// mirrored returns the comparison with its sides exchanged.
func mirrored(op parser.ItemType) parser.ItemType {
	switch op {
	case parser.LSS:
		return parser.GTR
	case parser.GTR:
		return parser.LSS
	case parser.LTE:
		return parser.GTE
	case parser.GTE:
		return parser.LTE
	}
	return op
}

// set returns the type of and, or and unless.
func (in *inferrer) set(n *parser.BinaryExpr, m *parser.VectorMatching, a, b Type) Type {
	if n.Op != parser.LOR && in.neverJoins(n, m, a, b) {
		return anything(parser.ValueTypeVector)
	}
	switch n.Op {
	case parser.LOR:
		t := join(a, b)
		switch {
		case a.Empty == Never || b.Empty == Never:
			t.Empty = Never
		case a.Empty == Must && b.Empty == Must:
			t.Empty = Must
		default:
			t.Empty = Maybe
		}
		if zero, ok := b.Range.Exactly(); ok && zero == 0 && a.form != nil && a.form.terms == nil {
			f := *a.form // a part is completed with zeros, and is a part still
			f.lessened = true
			t.form = &f
		}
		return t
	case parser.LUNLESS:
		a.Labels, a.form = a.Labels.steady(), a.form.some()
		if a.Empty == Never && b.Empty != Must {
			a.Empty = Maybe
		}
		return a
	}
	for _, name := range matchedNames(m, a.Labels, b.Labels) {
		e := same(a.Labels.get(name), b.Labels.get(name))
		e.varies = a.Labels.get(name).varies && e.varies
		a.Labels = a.Labels.set(e)
	}
	if !m.On && b.Labels.closed && !a.Labels.closed {
		a.Labels = a.Labels.close(append([]string{metricName}, m.MatchingLabels...)...)
	}
	a.Labels, a.form = a.Labels.steady(), a.form.some()
	switch {
	case a.Empty == Must || b.Empty == Must:
		a.Empty = Must
	case a.Empty == Never && !(b.Empty == Never && a.Labels.none() && b.Labels.none()):
		a.Empty = Maybe
	}
	return a
}

// includesAbsent reports, and records, that group_left or group_right names a label which the side of one
// does not have.
func (in *inferrer) includesAbsent(n *parser.BinaryExpr, m *parser.VectorMatching, a, b Type) bool {
	one, side := b, "right"
	if m.Card == parser.CardOneToMany {
		one, side = a, "left"
	}
	if a.Empty == Must || b.Empty == Must {
		return false
	}
	found := false
	for _, name := range m.Include {
		if one.Labels.get(name).presence == Never {
			in.faulty(includeAbsent(n, name, side, one.Labels.Names()))
			found = true
		}
	}
	return found
}
