package infer

import (
	"regexp"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

// usable reports whether a matcher can be asked: one that was built by hand may lack its expression.
func usable(m *labels.Matcher) bool {
	switch m.Type {
	case labels.MatchEqual, labels.MatchNotEqual:
		return true
	case labels.MatchRegexp, labels.MatchNotRegexp:
		return m.Value == "" || m.GetRegexString() != ""
	}
	return false
}

// accepts reports whether a value can pass a matcher.
func accepts(m *labels.Matcher, value string) bool {
	switch {
	case !usable(m):
		return true // nothing is known
	case m.Value == "" && m.Type == labels.MatchRegexp:
		return value == ""
	case m.Value == "" && m.Type == labels.MatchNotRegexp:
		return value != ""
	}
	return m.Matches(value)
}

func passes(value string, ms []*labels.Matcher) bool {
	for _, m := range ms {
		if !accepts(m, value) {
			return false
		}
	}
	return true
}

// variable is a variable of Grafana: $name, ${name:format} or [[name]].
var variable = regexp.MustCompile(`\$\w|\$\{\w|\[\[\w+(:\w+)?\]\]`)

// open reports whether a matcher's value holds a variable, so that nobody knows what it will be.
func open(m *labels.Matcher) bool {
	return strings.ContainsAny(m.Value, "$[") && variable.MatchString(m.Value)
}

// narrow returns what is known of a label on the series that pass a matcher, and whether some can. To
// Prometheus an empty value and an absent label are the same thing.
func narrow(e label, m *labels.Matcher) (label, bool) {
	if open(m) || !usable(m) {
		e.varies = false
		return e, true
	}
	absent := accepts(m, "")
	if e.presence == Never {
		return e, absent
	}
	e.values = e.values.matched(m)
	switch {
	case !absent && e.values.void():
		return e, false
	case !absent:
		e.presence = Must
	case e.values.void() && e.presence == Must:
		return e, false
	case e.values.void():
		e.presence = Never
	}
	e.varies = e.varies && e.values.closed && len(e.values.set) > 1
	return e, true
}

// selector returns the type of the series that a selector finds.
func (in *inferrer) selector(n *parser.VectorSelector) Type {
	t, ok := in.named(n)
	if !ok {
		return t
	}
	declared, before := t, len(in.table.faults)
	for _, m := range n.LabelMatchers {
		if m == nil || m.Name == metricName {
			continue
		}
		was := t.Labels.get(m.Name)
		e, possible := narrow(was, m)
		switch {
		case was.presence == Never && (declared.Labels.closed || was.name != e.name) && !harmless(m):
			f := noSuchLabel(n, m, declared)
			if f.Severity == diag.Error {
				in.faulty(f)
			} else {
				in.report(f)
			}
		case !possible:
			in.faulty(noSuchValue(n, m, was, declared.Labels.get(m.Name), declared))
		default:
			t.Labels = t.Labels.set(e)
		}
	}
	for _, f := range in.table.faults[before:] {
		if f.Severity == diag.Error {
			return anything(parser.ValueTypeVector)
		}
	}
	t.form = t.form.selected(n.LabelMatchers, momentOf(n))
	return t
}

// harmless reports whether a matcher says on purpose that a label is absent.
func harmless(m *labels.Matcher) bool {
	return m.Type == labels.MatchEqual && m.Value == "" || m.Type == labels.MatchRegexp && accepts(m, "") && !open(m)
}

// named returns the type of all series with the selector's name, before its matchers; ok is false where a
// fault was met.
func (in *inferrer) named(n *parser.VectorSelector) (t Type, ok bool) {
	names := selectorNames(n)
	if names == nil {
		t = anything(parser.ValueTypeVector)
		t.Labels = t.Labels.set(label{name: metricName, presence: Must})
		return t, true
	}
	var missing Fault
	found := false
	for _, name := range names {
		s, known := in.env.selected(name, n.LabelMatchers)
		if !known {
			s = in.foreign(name)
			f := in.unknown(n, name)
			if f.ID != "" {
				missing = f
				continue // one of several names: the others may be meant
			}
		}
		if !found {
			t, found = s, true
		} else {
			t = join(t, s)
		}
	}
	if !found {
		return in.faulty(missing), false
	}
	return t, true
}

// foreign is the type of a metric that nothing is known of.
func (in *inferrer) foreign(name string) Type {
	t := anything(parser.ValueTypeVector)
	t.Labels = t.Labels.set(label{name: metricName, presence: Must, values: oneOf(name)})
	t.form = &form{name: name, factor: 1}
	return t
}

// unknown returns what is wrong with a name that the environment lacks; the zero Fault where it is none of
// the catalog's business.
func (in *inferrer) unknown(n *parser.VectorSelector, name string) Fault {
	if m, ok := in.env.forms[name]; ok {
		return otherForm(n, name, m)
	}
	if in.env.owns(name) && !strings.Contains(name, ":") {
		return unknownMetric(n, name, in.env)
	}
	return Fault{}
}

// selectorNames returns the names that a selector can find, nil where they are not known one by one.
func selectorNames(n *parser.VectorSelector) []string {
	if n.Name != "" {
		return []string{n.Name}
	}
	var names Values
	for _, m := range n.LabelMatchers {
		if m != nil && m.Name == metricName && usable(m) && !open(m) {
			names = names.matched(m)
		}
	}
	vs, closed := names.Set()
	if !closed || len(vs) == 0 {
		return nil
	}
	return vs
}
