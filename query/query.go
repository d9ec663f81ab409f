// Package query builds typed PromQL over the metrics of a catalog. A query holds Prometheus's own syntax
// tree, never a string: what it builds is valid by construction and printed by Prometheus's printer.
//
// Values are immutable: every method returns a new expression, so a shared subexpression is safe. A step
// that makes no sense (a label that the operand lacks, a share of something else) keeps its fault inside
// and the expression goes on, so that one run reports all of them, each at its Go line.
package query

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/diag"
)

// Vector is an expression with one value per series. The zero Vector is no expression.
type Vector struct{ *node }

// Scalar is an expression with one value and no labels.
type Scalar struct{ *node }

// Number is a constant operand: latency.Mul(query.Number(1000)).
type Number float64

// Range is an expression with a window of samples per series; its …OverTime methods give a Vector.
type Range struct{ *node }

// Operand is the right side of an operator: a Vector, a Scalar or a Number.
type Operand interface{ operand() *node }

func (v Vector) operand() *node { return v.get() }
func (s Scalar) operand() *node { return s.get() }
func (n Number) operand() *node {
	return &node{expr: number(float64(n)), names: names{}}
}

// node is an expression with what its construction knows.
type node struct {
	expr    parser.Expr
	names   names
	metrics []*catalog.Metric
	found   []fault
	site    diag.Site
}

type fault struct {
	site              diag.Site
	id, message, mend string
}

var empty = &node{names: names{open: true}}

func (n *node) get() *node {
	if n == nil {
		return empty
	}
	return n
}

// IsZero reports whether there is no expression.
func (v Vector) IsZero() bool { return v.node == nil }

// Expr returns the syntax tree, nil where there is none. It is shared: do not modify it, use Map. A matrix
// selector whose Range is 0 has a window that the reader's place decides.
func (n *node) Expr() parser.Expr { return n.get().expr }

// Site returns the call that made the expression.
func (n *node) Site() diag.Site { return n.get().site }

// String returns the expression in one line; a window that is not chosen yet prints as [0s].
func (n *node) String() string {
	if n.get().expr == nil {
		return ""
	}
	return n.expr.String()
}

// Metrics returns the catalog's metrics that the expression reads.
func (n *node) Metrics() []*catalog.Metric { return n.get().metrics }

// Findings returns the faults of the expression's construction.
func (n *node) Findings() []diag.Finding {
	var out []diag.Finding
	for _, f := range n.get().found {
		out = append(out, diag.Finding{
			ID: f.id, Severity: diag.Error, At: f.site.Position(), Message: f.message, Mend: f.mend, Subject: n.String(),
		})
	}
	return diag.Unique(out)
}

// step returns a node over children: their faults come along. skip counts the callers between the user's
// call and step.
func step(skip int, expr parser.Expr, ns names, children ...*node) *node {
	n := &node{expr: expr, names: ns, site: diag.Here(skip)}
	for _, c := range children {
		n.found = append(n.found, c.get().found...)
		for _, m := range c.get().metrics {
			if !slices.Contains(n.metrics, m) {
				n.metrics = append(n.metrics, m)
			}
		}
	}
	n.found, n.metrics = slices.Clip(n.found), slices.Clip(n.metrics)
	return n
}

func (n *node) fault(id, message, mend string) {
	n.found = append(n.found, fault{n.site, id, message, mend})
}

// names is the label names that a result can carry, as far as construction knows.
type names struct {
	set  []string // sorted
	open bool     // others may be there
}

func namesOf(ss ...string) names {
	slices.Sort(ss)
	return names{set: slices.Compact(ss)}
}

func (n names) has(s string) bool { return n.open || slices.Contains(n.set, s) }

func (n names) without(drop ...string) names {
	return names{open: n.open, set: slices.DeleteFunc(slices.Clone(n.set), func(s string) bool { return slices.Contains(drop, s) })}
}

func (n names) with(add ...string) names {
	out := namesOf(append(slices.Clone(n.set), add...)...)
	out.open = n.open
	return out
}

func (n names) String() string {
	if len(n.set) == 0 {
		return "no labels"
	}
	return "{" + strings.Join(n.set, ", ") + "}"
}

// Selectable is whatever has series: a counter, a gauge, or a part of a histogram.
type Selectable interface{ Series() catalog.Series }

// selector returns the vector selector of a series with matchers.
func selector(skip int, s catalog.Series, ms []catalog.Matcher) *node {
	vs := &parser.VectorSelector{
		Name:          s.Name(),
		LabelMatchers: []*labels.Matcher{labels.MustNewMatcher(labels.MatchEqual, model.MetricNameLabel, s.Name())},
	}
	ns := []string{catalog.Job.Name, catalog.Instance.Name}
	for _, l := range s.Metric.Labels {
		ns = append(ns, l.Name)
	}
	if s.Suffix == "_bucket" {
		ns = append(ns, labels.BucketLabel)
	}
	n := step(skip+1, vs, namesOf(ns...))
	n.metrics = []*catalog.Metric{s.Metric}
	for _, m := range ms {
		if !n.owns(s.Metric, s.Name(), m) {
			continue
		}
		lm := n.matcher(m)
		if lm == nil {
			continue
		}
		vs.LabelMatchers = append(vs.LabelMatchers, lm)
	}
	return n
}

var matchTypes = map[catalog.MatchOp]labels.MatchType{
	catalog.Equal: labels.MatchEqual, catalog.NotEqual: labels.MatchNotEqual,
	catalog.Regexp: labels.MatchRegexp, catalog.NotRegexp: labels.MatchNotRegexp,
}

func toMatcher(m catalog.Matcher) (*labels.Matcher, error) {
	return labels.NewMatcher(matchTypes[m.Op], m.Label.Name, m.Text)
}

// Select returns the newest sample of each series.
func Select(m Selectable, ms ...catalog.Matcher) Vector { return Vector{selector(1, m.Series(), ms)} }

// matrix puts a window that is chosen later around a selector.
func matrix(skip int, s catalog.Series, ms []catalog.Matcher) *node {
	sel := selector(skip+1, s, ms)
	return step(skip+1, &parser.MatrixSelector{VectorSelector: sel.expr}, sel.names, sel)
}

// Window returns the samples of each series in a window that the reader's place decides.
func Window(m Selectable, ms ...catalog.Matcher) Range { return Range{matrix(1, m.Series(), ms)} }

// overWindow applies a function of range vectors to the series of a metric. Of a histogram that is only
// native, the count and the sum are parts of one sample.
func overWindow(skip int, fn string, s catalog.Series, ms []catalog.Matcher) Vector {
	part := map[string]string{"_count": "histogram_count", "_sum": "histogram_sum"}[s.Suffix]
	if part != "" && !s.Metric.Classic() {
		w := matrix(skip+1, catalog.Series{Metric: s.Metric}, ms)
		inner := step(skip+1, call(fn, w.expr), w.names, w)
		return Vector{step(skip+1, call(part, inner.expr), inner.names, inner)}
	}
	w := matrix(skip+1, s, ms)
	return Vector{step(skip+1, call(fn, w.expr), w.names, w)}
}

// Rate returns the per-second growth over a window.
func Rate(c catalog.CountsUp, ms ...catalog.Matcher) Vector {
	return overWindow(1, "rate", c.Series(), ms)
}

// InstantRate returns the per-second growth between the last two samples of a window.
func InstantRate(c catalog.CountsUp, ms ...catalog.Matcher) Vector {
	return overWindow(1, "irate", c.Series(), ms)
}

// Increase returns the growth over a window.
func Increase(c catalog.CountsUp, ms ...catalog.Matcher) Vector {
	return overWindow(1, "increase", c.Series(), ms)
}

// Resets returns how often a counter fell in a window: restarts.
func Resets(c catalog.CountsUp, ms ...catalog.Matcher) Vector {
	return overWindow(1, "resets", c.Series(), ms)
}

// Delta returns the difference between the ends of a window.
func Delta(g catalog.MovesFreely, ms ...catalog.Matcher) Vector {
	return overWindow(1, "delta", g.Series(), ms)
}

// Deriv returns the per-second slope of a window, by least squares.
func Deriv(g catalog.MovesFreely, ms ...catalog.Matcher) Vector {
	return overWindow(1, "deriv", g.Series(), ms)
}

// Changes returns how often a value changed in a window.
func Changes(g catalog.MovesFreely, ms ...catalog.Matcher) Vector {
	return overWindow(1, "changes", g.Series(), ms)
}

// PredictLinear returns the value expected after a time, from the slope of a window.
func PredictLinear(g catalog.MovesFreely, ahead time.Duration, ms ...catalog.Matcher) Vector {
	w := matrix(1, g.Series(), ms)
	return Vector{step(1, call("predict_linear", w.expr, number(ahead.Seconds())), w.names, w)}
}

// Absent returns 1 where no series is there, and nothing otherwise.
func Absent(m Selectable, ms ...catalog.Matcher) Vector {
	s := selector(1, m.Series(), ms)
	return Vector{step(1, call("absent", s.expr), equalNames(ms), s)}
}

// AbsentOverTime returns 1 where no series had a sample in a window, and nothing otherwise.
func AbsentOverTime(m Selectable, ms ...catalog.Matcher) Vector {
	w := matrix(1, m.Series(), ms)
	return Vector{step(1, call("absent_over_time", w.expr), equalNames(ms), w)}
}

func equalNames(ms []catalog.Matcher) names {
	var out []string
	for _, m := range ms {
		if m.Op == catalog.Equal {
			out = append(out, m.Label.Name)
		}
	}
	// The place of the query adds matchers of its own, such as the job.
	return names{set: namesOf(out...).set, open: true}
}

// Time returns the evaluation time, in seconds since 1970.
//
//go:noinline
func Time() Scalar { return Scalar{step(1, call("time"), names{})} }

// Constant returns a vector of one series without labels.
func Constant(x float64) Vector { return Vector{step(1, call("vector", number(x)), names{})} }

// ToScalar returns the value of a vector of one series, and NaN where it has none or several.
func (v Vector) ToScalar() Scalar {
	return Scalar{step(1, call("scalar", v.get().expr), names{}, v.node)}
}

func number(x float64) *parser.NumberLiteral { return &parser.NumberLiteral{Val: x} }

func call(fn string, args ...parser.Expr) *parser.Call {
	return &parser.Call{Func: parser.Functions[fn], Args: args}
}

// Over fixes the windows that are still open.
//
//go:noinline
func (v Vector) Over(window time.Duration) Vector { return Vector{over(1, v.get(), window)} }

func over(skip int, v *node, window time.Duration) *node {
	n := step(skip+1, SetWindow(v.expr, window), v.names, v)
	if window <= 0 {
		n.fault("query/window", fmt.Sprintf("a window of %v holds no sample", window), "use a positive duration")
	}
	return n
}

// Offset shifts the whole expression into the past.
//
//go:noinline
func (v Vector) Offset(by time.Duration) Vector { return Vector{offset(1, v.get(), by)} }

func offset(skip int, v *node, by time.Duration) *node {
	return step(skip+1, shift(v.expr, func(s *moment) { s.offset += by }), v.names, v)
}

// At evaluates the expression at a fixed time, but for the parts that are fixed already.
func (v Vector) At(t time.Time) Vector {
	ms := t.UnixMilli()
	return Vector{step(1, shift(v.get().expr, func(s *moment) { s.fix(&ms, 0) }), v.get().names, v.node)}
}

// AtStart evaluates the expression at the start of the query's range, but for the parts that are fixed already.
func (v Vector) AtStart() Vector {
	return Vector{step(1, shift(v.get().expr, func(s *moment) { s.fix(nil, parser.START) }), v.get().names, v.node)}
}

// AtEnd evaluates the expression at the end of the query's range, but for the parts that are fixed already.
func (v Vector) AtEnd() Vector {
	return Vector{step(1, shift(v.get().expr, func(s *moment) { s.fix(nil, parser.END) }), v.get().names, v.node)}
}

// Where adds matchers to every selector of the expression; each must have the labels that are matched.
//
//go:noinline
func (v Vector) Where(ms ...catalog.Matcher) Vector { return Vector{where(1, v.get(), ms)} }

func where(skip int, v *node, ms []catalog.Matcher) *node {
	n := step(skip+1, v.expr, v.names, v)
	for _, m := range ms {
		lm := n.matcher(m)
		if lm == nil {
			continue
		}
		n.expr = Map(n.expr, func(e parser.Expr) parser.Expr {
			vs, ok := e.(*parser.VectorSelector)
			if !ok {
				return e
			}
			if metric := n.metricOf(vs.Name); metric != nil && !n.owns(metric, vs.Name, m) {
				return e
			}
			vs.LabelMatchers = append(slices.Clone(vs.LabelMatchers), lm)
			return vs
		})
	}
	return n
}

// metricOf returns the metric that a series belongs to, nil where the expression's text names an unknown one.
func (n *node) metricOf(series string) *catalog.Metric {
	for _, m := range n.metrics {
		for _, s := range m.AllSeries() {
			if s.Name() == series {
				return m
			}
		}
	}
	return nil
}

// owns reports whether a series has the label that is matched, and notes the fault where it has not.
func (n *node) owns(metric *catalog.Metric, series string, m catalog.Matcher) bool {
	own := metric.Label(m.Label.Name)
	switch {
	case own == m.Label, m.Label == catalog.Job.LabelDef, m.Label == catalog.Instance.LabelDef:
		return true
	case own == nil:
		var has []string
		for _, l := range metric.Labels {
			has = append(has, l.Name)
		}
		n.fault("query/label", fmt.Sprintf("%s has no label %s; it has %s", series, m.Label.Name, namesOf(append(has, catalog.Job.Name, catalog.Instance.Name)...)),
			"match one of its labels")
	default:
		n.fault("query/label", fmt.Sprintf("the label %s of %s is another than the one matched, which has the same name", own.Name, series),
			"use the label variable that the metric is declared with")
	}
	return false
}

// matcher returns Prometheus's form of a matcher, nil with a fault where it selects nothing or is wrong.
func (n *node) matcher(m catalog.Matcher) *labels.Matcher {
	if why := m.Fault(); why != "" {
		fix := "match a value that the label can have"
		if near := diag.Nearest(m.Text, m.Label.Values); near != "" {
			fix = fmt.Sprintf("did you mean %s%s%q?", m.Label.Name, m.Op, near)
		}
		n.fault("query/matcher", fmt.Sprintf("%s selects nothing: %s", m, why), fix)
		return nil
	}
	lm, err := toMatcher(m)
	if err != nil {
		n.fault("query/matcher", fmt.Sprintf("%s: %v", m, err), "write a regular expression that RE2 compiles")
		return nil
	}
	return lm
}

func isBad(φ float64) bool { return math.IsNaN(φ) || φ < 0 || φ > 1 }
