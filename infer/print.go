package infer

import (
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"
)

// String returns the type in one line: the metric's name where the series have it, labels (! certain,
// ? possible, with up to three values), unit, kind, range, and what else is known:
//
//	{protocol!, job?} requests/s rate [0,∞) closed
//
// The unit is ? where it is unknown.
func (t Type) String() string {
	if t.Value == parser.ValueTypeString {
		return "string"
	}
	var words []string
	if t.Value == parser.ValueTypeScalar {
		words = append(words, "scalar")
	} else {
		words = append(words, t.Labels.String())
	}
	words = append(words, t.Unit.String())
	if t.Kind != Unknown {
		words = append(words, t.Kind.String())
	}
	if t.Observed.IsKnown() {
		words = append(words, "of "+t.Observed.String())
	}
	if t.Native != Must {
		words = append(words, t.Range.String())
	}
	if t.Value != parser.ValueTypeScalar {
		switch t.Empty {
		case Never:
			words = append(words, "always there")
		case Must:
			words = append(words, "empty")
		}
		if t.Labels.closed {
			words = append(words, "closed")
		}
	}
	if t.Value == parser.ValueTypeMatrix {
		words = append(words, "window")
	}
	return strings.Join(words, " ")
}

// String returns the labels as Type.String shows them.
func (l Labels) String() string {
	var b strings.Builder
	if e := l.get(metricName); e.presence == Must && e.values.closed && len(e.values.set) == 1 {
		b.WriteString(e.values.set[0])
	}
	b.WriteByte('{')
	first := true
	for _, e := range l.list {
		if e.presence == Never || e.name == metricName {
			continue
		}
		if !first {
			b.WriteString(", ")
		}
		first = false
		b.WriteString(e.name)
		if e.presence == Must {
			b.WriteByte('!')
		} else {
			b.WriteByte('?')
		}
		if vs, closed := e.values.Set(); closed && len(vs) <= 3 {
			b.WriteString("(" + strings.Join(vs, "|") + ")")
		}
	}
	b.WriteByte('}')
	return b.String()
}

// String returns the range as an interval: [0,1], [0,∞) or NaN, {5}.
func (r Range) String() string {
	if r.void() {
		return "NaN"
	}
	var b strings.Builder
	if v, ok := r.Exactly(); ok {
		return "{" + bound(v) + "}"
	}
	b.WriteByte("[("[index(r.OpenLo)])
	b.WriteString(bound(r.Lo) + "," + bound(r.Hi))
	b.WriteByte("])"[index(r.OpenHi)])
	if r.Whole {
		b.WriteString(" whole")
	}
	if r.NaN {
		b.WriteString(" or NaN")
	}
	return b.String()
}

func index(b bool) int {
	if b {
		return 1
	}
	return 0
}

func bound(v float64) string {
	switch v {
	case inf:
		return "∞"
	case -inf:
		return "-∞"
	case 0:
		return "0"
	}
	return strconv.FormatFloat(v, 'g', 6, 64)
}
