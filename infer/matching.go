package infer

import (
	"slices"

	"github.com/prometheus/prometheus/promql/parser"
)

// oneToOne is the matching that stands where none is written: by all labels, one to one.
var oneToOne = &parser.VectorMatching{Card: parser.CardOneToOne}

// matchedNames returns the names of the labels by which two vectors join, of those that are listed. The
// metric's name is none of them unless it is asked for.
func matchedNames(m *parser.VectorMatching, a, b Labels) []string {
	if m.On {
		return m.MatchingLabels
	}
	return slices.DeleteFunc(listed(a, b), func(n string) bool {
		return n == metricName || slices.Contains(m.MatchingLabels, n)
	})
}

// neverJoins reports, and records, that no series of one side has the matching labels of one of the other.
func (in *inferrer) neverJoins(n *parser.BinaryExpr, m *parser.VectorMatching, a, b Type) bool {
	if a.Empty == Must || b.Empty == Must {
		return false // said already
	}
	var differ, common []string
	var apart string
	for _, name := range matchedNames(m, a.Labels, b.Labels) {
		x, y := a.Labels.get(name), b.Labels.get(name)
		switch {
		case !cannotEqual(x, y):
			if x.presence == Must && y.presence == Must {
				common = append(common, name)
			}
		case x.presence == Never || y.presence == Never:
			differ = append(differ, name)
		case apart == "":
			apart = name
		}
	}
	if len(differ) == 0 && apart == "" {
		return false
	}
	in.faulty(joinNever(n, in.series(n.LHS, a, differ), in.series(n.RHS, b, differ), differ, a.Labels.get(apart), b.Labels.get(apart), common))
	return true
}

// joinsMany reports, and records, that a side which must have one series for each match certainly has more.
func (in *inferrer) joinsMany(n *parser.BinaryExpr, m *parser.VectorMatching, a, b Type) bool {
	left, right := many(m, a.Labels), many(m, b.Labels)
	switch m.Card {
	case parser.CardManyToOne:
		left = ""
	case parser.CardOneToMany:
		right = ""
	default:
		if b.Native != Never || trims(n.Op) {
			left = "" // a number and a histogram make nothing, nor do two numbers that are trimmed, however many there are
		}
	}
	both := left != "" && right != "" || m.Card != parser.CardOneToOne
	switch {
	case right != "":
		in.faulty(manyToMany(n, right, "right", both))
	case left != "":
		in.faulty(manyToMany(n, left, "left", both))
	default:
		return false
	}
	return true
}

// many returns a label in which series with equal matching labels certainly differ, "" where there is none.
func many(m *parser.VectorMatching, l Labels) string {
	for _, e := range l.list {
		if e.varies && e.presence == Must && slices.Contains(m.MatchingLabels, e.name) != m.On {
			return e.name
		}
	}
	return ""
}

// joinedLabels returns the labels of an arithmetic operator's or comparison's result: those of the side of
// many, or of the left one.
func joinedLabels(m *parser.VectorMatching, a, b Labels) Labels {
	if m.Card == parser.CardOneToMany {
		a, b = b, a
	}
	out := Labels{closed: a.closed}
	if !m.On {
		out.closed = a.closed || b.closed // what one side cannot have, the other has not where they join
	}
	for _, name := range listed(a, b) {
		e := a.get(name)
		matched := slices.Contains(m.MatchingLabels, name) == m.On && (m.On || name != metricName)
		switch {
		case matched:
			e = same(e, b.get(name))
		case m.Card == parser.CardOneToOne && name != metricName:
			e = label{name: name, presence: Never}
		}
		out = out.set(e)
	}
	if m.Card == parser.CardOneToOne && m.On {
		return out.keep(m.MatchingLabels...)
	}
	if out.closed && !a.closed {
		// what was left out of the matching may still be there
		out = out.set(a.get(metricName))
		if m.Card != parser.CardOneToOne {
			for _, name := range m.MatchingLabels {
				out = out.set(a.get(name))
			}
		}
	}
	for _, name := range m.Include {
		out = out.set(b.get(name))
	}
	return out
}

// filledLabels returns the labels where a side without a match is filled in: such a series has no labels
// but the matching ones.
func filledLabels(m *parser.VectorMatching, a, b Labels) Labels {
	restrict := func(l Labels) Labels {
		if m.On {
			return l.keep(m.MatchingLabels...)
		}
		return l.drop(append([]string{metricName}, m.MatchingLabels...)...)
	}
	out := joinLabels(restrict(a), restrict(b))
	if m.Card == parser.CardOneToOne {
		if name := a.get(metricName); !m.On && name.presence != Never {
			name.presence = Maybe // of the left side's own series it stays
			out = out.set(name)
		}
		return out
	}
	many := a
	if m.Card == parser.CardOneToMany {
		many = b
	}
	out = joinLabels(out, many)
	for _, name := range m.Include {
		out = out.set(label{name: name})
	}
	return out
}
