package catalog

import (
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"

	"github.com/obsgen/obsgen/diag"
)

// Value is one value of the label with tag T. Values of one label do not fit another, and no bare
// string passes for one.
type Value[T any] struct{ text string }

// V declares a value of the label with tag T.
func V[T any](text string) Value[T] { return Value[T]{text} }

// String returns the value as it stands in a series.
func (v Value[T]) String() string { return v.text }

// LabelDef is what is known of a label, without its tag.
type LabelDef struct {
	Name string
	Help string
	// Values is the closed set of values, in the order of declaration; nil where the set is open.
	Values []string
	// Pattern is a regular expression that every value matches whole; empty where any text may come.
	Pattern string
	// Max is the upper bound of the number of values that one target writes at the same time.
	Max  int
	Site diag.Site
}

// Def returns the label's definition; of a zero Label one without a name, which Check reports.
func (l *LabelDef) Def() *LabelDef {
	if l == nil {
		return &LabelDef{Max: 1}
	}
	return l
}

// String returns the label's name.
func (l *LabelDef) String() string { return l.Name }

// Closed reports whether the label's values are known one by one.
func (l *LabelDef) Closed() bool { return l.Values != nil }

// AnyLabel is a label of whatever tag.
type AnyLabel interface{ Def() *LabelDef }

// Label is a label whose values have the tag T.
type Label[T any] struct{ *LabelDef }

// OneOf declares a label with a closed set of values.
//
//go:noinline
func OneOf[T any](name, help string, values ...Value[T]) Label[T] {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = v.text
	}
	return Label[T]{&LabelDef{Name: name, Help: help, Values: texts, Max: len(values), Site: diag.Here(0)}}
}

// Pattern declares a label whose values match a regular expression whole, at most max of them at a time.
//
//go:noinline
func Pattern[T any](re string, max int, name, help string) Label[T] {
	return Label[T]{&LabelDef{Name: name, Help: help, Pattern: re, Max: max, Site: diag.Here(0)}}
}

// AtMost declares a label with any values, at most max of them at a time.
//
//go:noinline
func AtMost[T any](max int, name, help string) Label[T] {
	return Label[T]{&LabelDef{Name: name, Help: help, Max: max, Site: diag.Here(0)}}
}

// Value returns a text as a value of the label: one that is known at run time only.
func (l Label[T]) Value(text string) Value[T] { return Value[T]{text} }

type (
	job      struct{}
	instance struct{}
)

// Job and Instance are the labels that Prometheus adds to every series that it scrapes.
var (
	Job      = AtMost[job](20, "job", "Scrape job that the series came from.")
	Instance = AtMost[instance](200, "instance", "Address of the scraped target.")
)

// MatchOp is a label matcher's operator, as PromQL writes it.
type MatchOp string

// The four operators of https://prometheus.io/docs/prometheus/latest/querying/basics/#time-series-selectors.
const (
	Equal     MatchOp = "="
	NotEqual  MatchOp = "!="
	Regexp    MatchOp = "=~"
	NotRegexp MatchOp = "!~"
)

// Matcher selects series by a label. Regular expressions match whole values.
type Matcher struct {
	Label *LabelDef
	Op    MatchOp
	Text  string
	Site  diag.Site
}

// String returns the matcher as PromQL writes it.
func (m Matcher) String() string { return m.Label.Name + string(m.Op) + strconv.Quote(m.Text) }

func (l Label[T]) matcher(op MatchOp, text string) Matcher {
	return Matcher{Label: l.Def(), Op: op, Text: text, Site: diag.Here(1)}
}

// Is selects series with the value v.
//
//go:noinline
func (l Label[T]) Is(v Value[T]) Matcher { return l.matcher(Equal, v.text) }

// Not selects series without the value v.
//
//go:noinline
func (l Label[T]) Not(v Value[T]) Matcher { return l.matcher(NotEqual, v.text) }

// In selects series with one of the values.
//
//go:noinline
func (l Label[T]) In(vs ...Value[T]) Matcher { return l.matcher(Regexp, alternatives(vs)) }

// NotIn selects series with none of the values.
//
//go:noinline
func (l Label[T]) NotIn(vs ...Value[T]) Matcher { return l.matcher(NotRegexp, alternatives(vs)) }

// Matches selects series whose value matches a regular expression whole: Status.Matches("5..").
//
//go:noinline
func (l Label[T]) Matches(re string) Matcher { return l.matcher(Regexp, re) }

// NotMatches selects series whose value does not match a regular expression.
//
//go:noinline
func (l Label[T]) NotMatches(re string) Matcher { return l.matcher(NotRegexp, re) }

func alternatives[T any](vs []Value[T]) string {
	quoted := make([]string, len(vs))
	for i, v := range vs {
		quoted[i] = regexp.QuoteMeta(v.text)
	}
	return strings.Join(quoted, "|")
}

// Fault returns why the matcher can select nothing of what its label can hold, and "" where it is sound
// or the label's values are not known well enough to speak.
func (m Matcher) Fault() string {
	accepts, err := m.Accepts()
	if err != nil {
		return "its regular expression does not compile: " + err.Error()
	}
	if m.Label.Closed() {
		for _, v := range m.Label.Values {
			if accepts(v) {
				return ""
			}
		}
		return "no value of " + m.Label.Name + " passes; it has " + strings.Join(m.Label.Values, ", ")
	}
	if m.Op == Equal && m.Text != "" && m.Label.Pattern != "" {
		if re, err := wholeRegexp(m.Label.Pattern); err == nil && !re.MatchString(m.Text) {
			return "a value of " + m.Label.Name + " matches " + m.Label.Pattern
		}
	}
	return ""
}

// Accepts returns the matcher as a function of a label's value. It returns an error where its regular expression does not compile.
func (m Matcher) Accepts() (func(string) bool, error) {
	switch m.Op {
	case Equal:
		return func(v string) bool { return v == m.Text }, nil
	case NotEqual:
		return func(v string) bool { return v != m.Text }, nil
	}
	re, err := wholeRegexp(m.Text)
	if err != nil {
		return nil, err
	}
	return func(v string) bool { return re.MatchString(v) == (m.Op == Regexp) }, nil
}

// wholeRegexp compiles a regular expression as Prometheus does: anchored, and the dot matches newlines.
func wholeRegexp(re string) (*regexp.Regexp, error) {
	// by itself first: the group around it would balance the parentheses of "a)(b"
	if _, err := syntax.Parse(re, syntax.Perl|syntax.DotNL); err != nil {
		return nil, err
	}
	return regexp.Compile("^(?s:" + re + ")$")
}
