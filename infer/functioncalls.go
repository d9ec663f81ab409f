package infer

import (
	"regexp"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/schema"

	"github.com/obsgen/obsgen/unit"
)

// absent returns the type of absent and absent_over_time: of a plain selector the labels that its equality
// matchers fix, of anything else none.
func (in *inferrer) absent(c *call) Type {
	arg, _ := c.arg(1)
	t := Type{Labels: Labels{closed: true}, Metric: arg.Metric, Empty: not(arg.Empty)}
	t = t.number(Constant, unit.One, exactly(1))
	if len(c.node.Args) == 0 {
		return t
	}
	s, ok := unparen(c.node.Args[0]).(*parser.VectorSelector)
	if m, isMatrix := unparen(c.node.Args[0]).(*parser.MatrixSelector); isMatrix {
		s, ok = m.VectorSelector.(*parser.VectorSelector)
	}
	if !ok {
		return t
	}
	fixed := map[string]bool{}
	for _, m := range s.LabelMatchers {
		switch {
		case m == nil || schema.IsMetadataLabel(m.Name):
		case m.Type != labels.MatchEqual || fixed[m.Name]:
			t.Labels = t.Labels.drop(m.Name) // a second matcher takes the label away
		default:
			fixed[m.Name] = true
			t.Labels = t.Labels.With(m.Name, m.Value)
			if open(m) {
				t.Labels = t.Labels.set(label{name: m.Name, presence: Must})
			}
		}
	}
	return t
}

func (in *inferrer) scalarOf(c *call) Type {
	v, _ := c.arg(1)
	one := v.Empty == Never && v.Labels.none() && v.Native == Never
	t := scalar(v.Kind, v.Unit, v.Range.orNaN(!one))
	t.Metric = v.Metric
	if v.Kind.CountsUp() || v.Native != Never {
		t.Kind = Unknown
	}
	if v.Empty == Must || v.Native == Must {
		t.Range = onlyNaN
	}
	return t
}

func (in *inferrer) vectorOf(c *call) Type {
	s, _ := c.arg(1)
	s.Value, s.Labels, s.Empty, s.Native, s.form = parser.ValueTypeVector, Labels{closed: true}, Never, Never, nil
	return s
}

// startTimestamp returns nothing of what is not a selector, nor where the feature is off.
func (in *inferrer) startTimestamp(c *call) Type {
	t := in.applied(function{kind: always(Gauge), unit: measured(unit.Timestamp), values: is(finite), native: asNumbers}, c)
	if t.Empty == Never {
		t.Empty = Maybe
	}
	return t
}

// extremeOf returns the lower or the higher of two scalars.
func extremeOf(of func(a, b Range) Range) func(*inferrer, *call) Type {
	return func(_ *inferrer, c *call) Type {
		a, _ := c.arg(1)
		b, _ := c.arg(2)
		t := scalar(joinKinds(a.Kind, b.Kind), unit.Common(a.Unit, b.Unit), of(a.Range, b.Range))
		return t
	}
}

// clamp returns no series at all where the limits are in the wrong order.
func (in *inferrer) clamp(c *call) Type {
	lo, _ := c.arg(2)
	hi, _ := c.arg(3)
	t := in.applied(function{kind: numeric}, c)
	t.Range = c.t.Range.least(hi.Range).most(lo.Range)
	switch below(hi.Range, lo.Range, false) {
	case Must:
		t.Empty = Must
	case Maybe:
		if t.Empty == Never {
			t.Empty = Maybe
		}
	}
	return t
}

// labelReplace returns the type of label_replace(v, dst, replacement, src, regexp).
func (in *inferrer) labelReplace(c *call) Type {
	t, _ := c.arg(1)
	t.Value, t.form = parser.ValueTypeVector, nil
	dst, okDst := c.constant(2)
	to, okTo := c.constant(3)
	src, okSrc := c.constant(4)
	text, okText := c.constant(5)
	if !okDst || !okTo || !okSrc || !okText {
		t.Labels = Labels{}
		return t
	}
	re, err := regexp.Compile("^(?s:" + text + ")$")
	if err != nil {
		return t // the query fails
	}
	from := t.Labels.get(src)
	if src == "" {
		from.presence = Never // label_replace(x, "a", "b", "", "") sets a label on all
	}
	t.Labels = t.Labels.set(replaced(t.Labels.get(dst), from, re, to, variable.MatchString(text)))
	if from.varies {
		t.Labels = t.Labels.steady()
	}
	return t
}

// replaced returns what is known of a label after its values were made of another's where that matches.
func replaced(dst, src label, re *regexp.Regexp, to string, hasVariable bool) label {
	values, closed := src.values.Set()
	if src.presence == Never {
		values, closed = nil, true
	}
	if hasVariable || !closed {
		return rewritten(dst, src, re, to, hasVariable)
	}
	if src.presence != Must {
		values = append([]string{""}, values...)
	}
	out, first := label{}, true
	for _, v := range values {
		e := dst // no match leaves the series as it is
		if m := re.FindStringSubmatchIndex(v); m != nil {
			e = label{name: dst.name, presence: Never}
			if s := string(re.ExpandString(nil, to, v, m)); s != "" {
				e = label{name: dst.name, presence: Must, values: oneOf(s)}
			}
		}
		e.varies = false
		if first {
			out, first = e, false
		} else {
			out = joinLabel(out, e)
		}
	}
	return out
}

// rewritten is replaced where the values of src are not known one by one.
func rewritten(dst, src label, re *regexp.Regexp, to string, hasVariable bool) label {
	out := label{name: dst.name}
	pattern := strings.TrimSuffix(strings.TrimPrefix(re.String(), "^(?s:"), ")$")
	group := strings.HasPrefix(pattern, "(") && strings.HasSuffix(pattern, ")")
	bare := strings.TrimSuffix(strings.TrimPrefix(pattern, "("), ")")
	matches := !hasVariable && (bare == ".*" || bare == ".+" && src.presence == Must)
	switch {
	case !strings.Contains(to, "$") && to != "":
		out.presence, out.values = Must, oneOf(to)
	case to == "":
		out.presence = Never
	case group && (to == "$1" || to == "${1}") && matches:
		out.presence, out.values = src.presence, src.values
	}
	if !matches {
		dst.varies = false
		return joinLabel(dst, out)
	}
	return out
}

// joinLabel returns what is known of a label that is one of two.
func joinLabel(x, y label) label {
	e := label{name: x.name, presence: either(x.presence, y.presence)}
	switch {
	case x.presence == Never:
		e.values = y.values
	case y.presence == Never:
		e.values = x.values
	default:
		e.values = x.values.all(y.values)
	}
	return e
}

// labelJoin returns the type of label_join(v, dst, separator, src…).
func (in *inferrer) labelJoin(c *call) Type {
	t, _ := c.arg(1)
	t.Value, t.form = parser.ValueTypeVector, nil
	dst, okDst := c.constant(2)
	separator, okSeparator := c.constant(3)
	if !okDst || !okSeparator {
		t.Labels = Labels{}
		return t
	}
	out := label{name: dst, presence: Never}
	sources := 0
	for i := 4; i <= len(c.args); i++ {
		src, ok := c.constant(i)
		if !ok {
			return anything(parser.ValueTypeVector)
		}
		e := t.Labels.get(src)
		if sources++; sources == 1 {
			out.presence, out.values = e.presence, e.values
			continue
		}
		out.values = Values{}
		switch {
		case separator != "" || e.presence == Must:
			out.presence = Must
		case out.presence == Never:
			out.presence = e.presence
		}
	}
	t.Labels = t.Labels.set(out).steady()
	return t
}

// info returns the series with labels of the info metric, of which nothing is known.
func (in *inferrer) info(c *call) Type {
	t, _ := c.arg(1)
	t.Value, t.form = parser.ValueTypeVector, nil
	labels := Labels{} // a label that a series has is not changed, every other can be added
	for _, e := range t.Labels.steady().list {
		if e.presence == Must {
			labels = labels.set(e)
		}
	}
	t.Labels = labels
	if t.Empty == Never {
		t.Empty = Maybe
	}
	return t
}
