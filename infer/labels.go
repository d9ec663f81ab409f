package infer

import (
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
)

// Values is what is known of the values that a label can take, where it is there at all. The zero Values
// can be any text.
type Values struct {
	set    []string
	closed bool
	must   []*labels.Matcher // of an open set: what every value passes
	most   int               // of an open set: how many of them series of one target have at most; 0: not known
}

// Most returns how many values there are at most among the series of one target, 0 where that is not known.
func (v Values) Most() int {
	if v.closed {
		return len(v.set)
	}
	return v.most
}

// oneOf returns the closed set of values.
func oneOf(vs ...string) Values { return Values{set: vs, closed: true} }

// Set returns the values where they are known one by one.
func (v Values) Set() (values []string, closed bool) { return v.set, v.closed }

// Contains reports whether the label can have the value.
func (v Values) Contains(value string) bool {
	if v.closed {
		return slices.Contains(v.set, value)
	}
	return passes(value, v.must)
}

// void reports whether there can be no value at all.
func (v Values) void() bool { return v.closed && len(v.set) == 0 }

func (v Values) filter(keep func(string) bool) Values {
	if !slices.ContainsFunc(v.set, func(s string) bool { return !keep(s) }) {
		return v
	}
	out := make([]string, 0, len(v.set))
	for _, s := range v.set {
		if keep(s) {
			out = append(out, s)
		}
	}
	return oneOf(out...)
}

// matched is the part of the values that pass a matcher.
func (v Values) matched(m *labels.Matcher) Values {
	if v.closed {
		return v.filter(func(s string) bool { return accepts(m, s) })
	}
	var set []string
	switch m.Type {
	case labels.MatchEqual:
		set = []string{m.Value}
	case labels.MatchRegexp:
		if set = m.SetMatches(); set == nil {
			break
		}
		set = slices.Clone(set)
		slices.Sort(set)
		set = slices.Compact(set)
	}
	if set == nil {
		v.must = append(slices.Clip(v.must), m)
		return v
	}
	return oneOf(set...).filter(func(s string) bool { return s != "" && passes(s, v.must) })
}

// both is the part that two sets of values share.
func (v Values) both(w Values) Values {
	switch {
	case v.closed:
		return v.filter(w.Contains)
	case w.closed:
		return w.filter(v.Contains)
	}
	out := Values{must: slices.Clip(v.must), most: v.most}
	if out.most == 0 || w.most > 0 && w.most < out.most {
		out.most = w.most
	}
	for _, m := range w.must {
		if !slices.Contains(out.must, m) {
			out.must = append(out.must, m)
		}
	}
	return out
}

// apart reports whether no value is in both sets.
func (v Values) apart(w Values) bool { return v.both(w).void() }

// all is the values that are in one of two sets.
func (v Values) all(w Values) Values {
	switch {
	case v.closed && w.closed:
		out := slices.Clip(v.set)
		for _, s := range w.set {
			if !slices.Contains(v.set, s) {
				out = append(out, s)
			}
		}
		return oneOf(out...)
	case v.closed:
		v, w = w, v
		fallthrough
	case w.closed:
		most := v.most
		if most > 0 {
			most += len(w.set)
		}
		if slices.ContainsFunc(w.set, func(s string) bool { return !v.Contains(s) }) {
			return Values{most: most}
		}
		v.most = most
		return v
	}
	var out Values
	if v.most > 0 && w.most > 0 {
		out.most = v.most + w.most
	}
	for _, m := range v.must {
		if slices.Contains(w.must, m) {
			out.must = append(out.must, m)
		}
	}
	return out
}

// label is what is known of one label. Presence is Never only in an open set, where a name that is not
// listed may be there.
type label struct {
	name     string
	presence Certainty
	values   Values
	// varies says that series which agree in all other labels are there with several values of this one,
	// as the buckets of a histogram are.
	varies bool
}

// Labels is what is known of the label set of each series: names that are certain or possible, with the
// values that each can take. The zero Labels knows nothing.
type Labels struct {
	list   []label // sorted by name
	closed bool
}

const metricName = model.MetricNameLabel

func (l Labels) find(name string) (int, bool) {
	return slices.BinarySearchFunc(l.list, name, func(e label, n string) int { return strings.Compare(e.name, n) })
}

// get returns what is known of a label, also of one that is not listed.
func (l Labels) get(name string) label {
	if i, ok := l.find(name); ok {
		return l.list[i]
	}
	if l.closed {
		return label{name: name, presence: Never}
	}
	return label{name: name}
}

// Names returns the names of the labels that are listed, sorted, without the metric's name: all that can
// be there where the set is Closed.
func (l Labels) Names() []string {
	out := make([]string, 0, len(l.list))
	for _, e := range l.list {
		if e.presence != Never && e.name != metricName {
			out = append(out, e.name)
		}
	}
	return out
}

// Certain reports whether every series has the label.
func (l Labels) Certain(name string) bool { return l.get(name).presence == Must }

// Has reports whether some series can have the label. Where the set is open, that is any label which
// nothing has removed.
func (l Labels) Has(name string) bool { return l.get(name).presence != Never }

// Closed reports whether no label can be there but those of Names.
func (l Labels) Closed() bool { return l.closed }

// Values returns what is known of a label's values.
func (l Labels) Values(name string) Values { return l.get(name).values }

// With returns the set after a label was set to a fixed value on every series, as a rule does; the empty
// value removes it.
func (l Labels) With(name, value string) Labels {
	if value == "" {
		return l.drop(name)
	}
	return l.set(label{name: name, presence: Must, values: oneOf(value)})
}

// set returns the set with another entry for a label.
func (l Labels) set(e label) Labels {
	i, ok := l.find(e.name)
	drop := e.presence == Never && l.closed // absence is what a closed set says of names that it has not
	out := Labels{closed: l.closed, list: make([]label, 0, len(l.list)+1)}
	out.list = append(out.list, l.list[:i]...)
	if !drop {
		out.list = append(out.list, e)
	}
	if ok {
		i++
	}
	out.list = append(out.list, l.list[i:]...)
	return out
}

// drop returns the set without the labels.
func (l Labels) drop(names ...string) Labels {
	for _, n := range names {
		if l.get(n).presence != Never {
			l = l.set(label{name: n, presence: Never})
		}
	}
	return l
}

// keep returns the closed set of the labels alone.
func (l Labels) keep(names ...string) Labels {
	out := Labels{closed: true}
	for _, n := range names {
		if e := l.get(n); e.presence != Never && !out.Has(n) {
			out = out.set(e)
		}
	}
	return out
}

// close returns the set in which no label is there but those that are listed and the names.
func (l Labels) close(names ...string) Labels {
	for _, n := range names {
		l = l.set(l.get(n))
	}
	l.closed = true
	l.list = slices.DeleteFunc(slices.Clone(l.list), func(e label) bool { return e.presence == Never })
	return l
}

// none reports whether there can be no label at all, so that there is at most one series.
func (l Labels) none() bool { return l.closed && len(l.list) == 0 }

// steady forgets that labels certainly vary: what dropped some series may have left one of them.
func (l Labels) steady() Labels {
	if !slices.ContainsFunc(l.list, func(e label) bool { return e.varies }) {
		return l
	}
	l.list = slices.Clone(l.list)
	for i := range l.list {
		l.list[i].varies = false
	}
	return l
}

// listed returns the names that either of two sets says something about, sorted.
func listed(a, b Labels) []string {
	out := make([]string, 0, len(a.list)+len(b.list))
	i, j := 0, 0
	for i < len(a.list) || j < len(b.list) {
		switch {
		case j == len(b.list), i < len(a.list) && a.list[i].name < b.list[j].name:
			out = append(out, a.list[i].name)
			i++
		case i == len(a.list), b.list[j].name < a.list[i].name:
			out = append(out, b.list[j].name)
			j++
		default:
			out = append(out, a.list[i].name)
			i, j = i+1, j+1
		}
	}
	return out
}

// joinLabels returns what is known of series that have one of two label sets.
func joinLabels(a, b Labels) Labels {
	out := Labels{closed: a.closed && b.closed}
	for _, n := range listed(a, b) {
		e := joinLabel(a.get(n), b.get(n))
		if e.presence != Never || !out.closed {
			out.list = append(out.list, e)
		}
	}
	return out
}

// same returns what is known of a label that is equal on two series which were joined by it. Absence is
// equal to absence.
func same(x, y label) label {
	e := label{name: x.name, values: x.values.both(y.values), varies: x.varies && y.varies}
	switch {
	case x.presence == Must || y.presence == Must:
		e.presence = Must
	case x.presence == Never || y.presence == Never:
		e.presence = Never
	}
	return e
}

// cannotEqual reports whether a label is never the same on both series.
func cannotEqual(x, y label) bool {
	switch {
	case x.presence == Must:
		return y.presence == Never || x.values.apart(y.values)
	case y.presence == Must:
		return x.presence == Never || x.values.apart(y.values)
	}
	return false
}

// CanEqual reports whether series of both sets can have the same labels, the metric's name aside, as far as is known: no
// label is never the same, and of none do two patterns choose the values.
func CanEqual(a, b Labels) bool {
	return !slices.ContainsFunc(listed(a, b), func(n string) bool {
		x, y := a.get(n), b.get(n)
		return n != metricName && (cannotEqual(x, y) || x.presence != Never && y.presence != Never && patterned(x.values, y.values))
	})
}

// patterned reports whether each of two sets of values is chosen by a pattern that the other lacks.
func patterned(v, w Values) bool {
	lacks := func(v, w Values) bool {
		return slices.ContainsFunc(v.must, func(m *labels.Matcher) bool {
			return !slices.ContainsFunc(w.must, func(o *labels.Matcher) bool { return sameMatcher(m, o) })
		})
	}
	return lacks(v, w) && lacks(w, v)
}
