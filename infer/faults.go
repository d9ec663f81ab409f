package infer

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/unit"
)

// Fault is something wrong with a node that is certain whatever the data. A node with an Error is unknown
// to the nodes above it.
type Fault struct {
	ID       string // family/name, such as label/not-in-metric
	Node     parser.Node
	Message  string // one line, with names and values
	Why      string // the facts that it rests on
	Mend     string
	Severity diag.Severity
}

// FaultIDs returns the ids of all faults that Infer can report, sorted.
func FaultIDs() []string {
	return []string{
		"hist/agg-native", "hist/compare-native", "hist/kind", "hist/no-le",
		"label/contradiction", "label/not-in-metric", "label/value-unknown",
		"match/group-label-absent", "match/many-to-many", "match/needs-group", "match/never",
		"name/unknown-metric",
		"range/always", "range/never", "range/ratio-always-one",
		"type/delta-on-counter", "type/rate-of-aggregate", "type/rate-on-gauge",
		"unit/add-mismatch", "unit/compare-mismatch",
	}
}

// faulty records an error at a node and returns what is known of it from then on: nothing.
func (in *inferrer) faulty(f Fault) Type {
	f.Severity = diag.Error
	in.report(f)
	t := anything(parser.ValueTypeVector)
	if e, ok := f.Node.(parser.Expr); ok {
		if _, isMatrix := e.(*parser.MatrixSelector); isMatrix {
			t.Value = parser.ValueTypeMatrix
		}
	}
	return t
}

func (in *inferrer) report(f Fault) { in.table.faults = append(in.table.faults, f) }

// text returns an expression for a message, shortened where it is long.
func text(e parser.Expr) string { return Clip(e, 72) }

// Clip returns an expression in one line for a message, cut after so many characters.
func Clip(e parser.Expr, most int) string {
	s := strings.ReplaceAll(outer(e, most).String(), "[0s]", "[window]") // one that is chosen later
	r := []rune(strings.Join(strings.Fields(s), " "))
	if len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return string(r)
}

// outer returns an expression without what is nested deeper than so many levels: each begins with a character at least,
// and to print all of what is deeply nested for each of its parts costs the cube of the depth.
func outer(e parser.Expr, levels int) parser.Expr {
	if levels < 0 && e != nil {
		return &parser.VectorSelector{Name: "x"} // behind the cut
	}
	switch n := e.(type) {
	case *parser.ParenExpr:
		c := *n
		c.Expr = outer(n.Expr, levels-1)
		return &c
	case *parser.UnaryExpr:
		c := *n
		c.Expr = outer(n.Expr, levels-1)
		return &c
	case *parser.SubqueryExpr:
		c := *n
		c.Expr = outer(n.Expr, levels)
		return &c
	case *parser.AggregateExpr:
		c := *n
		c.Expr, c.Param = outer(n.Expr, levels-1), outer(n.Param, levels-1)
		return &c
	case *parser.Call:
		c := *n
		c.Args = make(parser.Expressions, len(n.Args))
		for i, a := range n.Args {
			c.Args[i] = outer(a, levels-1)
		}
		return &c
	case *parser.BinaryExpr:
		c := *n
		c.LHS, c.RHS = outer(n.LHS, levels), outer(n.RHS, levels-1)
		return &c
	}
	return e
}

// series names an operand with the labels that its own metric gives it, and those that are at issue: x_total{method, status}.
func (in *inferrer) series(e parser.Expr, t Type, issue []string) string {
	var names []string
	for _, n := range t.Labels.Names() {
		if slices.Contains(issue, n) || !slices.ContainsFunc(in.env.targets, func(d *catalog.LabelDef) bool { return d.Name == n }) {
			names = append(names, n)
		}
	}
	s, plain := unparen(e).(*parser.VectorSelector)
	plain = plain && s.Name != ""
	switch {
	case len(names) == 0 && plain:
		return s.Name
	case len(names) == 0:
		return text(e)
	case plain:
		return s.Name + "{" + list(names) + "}"
	}
	return text(e) + " {" + list(names) + "}"
}

func unparen(e parser.Expr) parser.Expr {
	for {
		switch n := e.(type) {
		case *parser.ParenExpr:
			e = n.Expr
		case *parser.StepInvariantExpr:
			e = n.Expr
		default:
			return e
		}
	}
}

func list(names []string) string { return strings.Join(names, ", ") }

func didYouMean(name string, among []string) string {
	if near := nearest(name, among); near != "" {
		return "did you mean " + near + "?"
	}
	return ""
}

func unknownMetric(n parser.Node, name string, env *Env) Fault {
	f := Fault{ID: "name/unknown-metric", Node: n, Message: "there is no metric " + name,
		Why: "names that begin with " + env.prefix + " are the catalog's, which has none of that name", Mend: didYouMean(name, env.names())}
	if f.Mend == "" {
		f.Mend = "declare the metric, or correct the name"
	}
	return f
}

func otherForm(n parser.Node, name string, m *catalog.Metric) Fault {
	var names []string
	for _, s := range m.AllSeries() {
		names = append(names, s.Name())
	}
	form := "classic"
	if !m.Classic() {
		form = "native"
	}
	return Fault{ID: "hist/kind", Node: n, Message: fmt.Sprintf("%s has no series: %s is a %s histogram", name, m.Name, form),
		Why: "its series are " + list(names), Mend: "read " + strings.Join(names, ", or ")}
}

// subject names what a selector selects.
func subject(n *parser.VectorSelector, t Type) string {
	if vs, ok := t.Labels.Values(metricName).Set(); ok && len(vs) == 1 {
		return vs[0]
	}
	return n.Name
}

func noSuchLabel(n *parser.VectorSelector, m *labels.Matcher, t Type) Fault {
	names := t.Labels.Names()
	f := Fault{ID: "label/not-in-metric", Node: n, Severity: diag.Error,
		Message: fmt.Sprintf("%s has no label %s, so %s selects nothing", subject(n, t), m.Name, m),
		Why:     "its labels are " + list(names), Mend: didYouMean(m.Name, names)}
	if f.Mend == "" {
		f.Mend = "drop the matcher, or match one of " + list(names)
	}
	switch {
	case open(m):
		f.Severity = diag.Info // whether it does depends on the variable, which is often there for other versions of the rules
		if t.Metric != nil {
			f.Severity = diag.Warning
		}
		f.Message = fmt.Sprintf("%s has no label %s: %s selects everything or nothing", subject(n, t), m.Name, m)
	case accepts(m, ""):
		f.Severity = diag.Info
		f.Message = fmt.Sprintf("%s has no label %s, so %s excludes nothing", subject(n, t), m.Name, m)
	}
	return f
}

func noSuchValue(n *parser.VectorSelector, m *labels.Matcher, before, declared label, t Type) Fault {
	f := Fault{ID: "label/value-unknown", Node: n,
		Message: fmt.Sprintf("no value of %s's label %s passes %s", subject(n, t), m.Name, m)}
	if _, same := narrow(declared, m); same { // the label has such values, but another matcher excludes them
		f.ID = "label/contradiction"
		f.Message = fmt.Sprintf("the matchers of %s on %s exclude each other", subject(n, t), m.Name)
		f.Why = fmt.Sprintf("%s allows none of what the matchers before it do", m)
		f.Mend = "drop one of the matchers; alternatives are written " + m.Name + `=~"a|b"`
		return f
	}
	switch vs, closed := before.values.Set(); {
	case closed:
		f.Why = "its values are " + list(vs)
		if m.Type == labels.MatchEqual {
			f.Mend = didYouMean(m.Value, vs)
			if stored := sameNumber(m.Value, vs); m.Name == labels.BucketLabel && stored != "" {
				f.Message = fmt.Sprintf("%s selects nothing in Prometheus 3, which stores %q", m, stored)
				f.Mend = fmt.Sprintf("write le=~%q, which works in every version", m.Value+"|"+stored)
			}
		}
		if f.Mend == "" && len(vs) > 0 {
			f.Mend = "match one of them"
		}
	case len(before.values.must) > 0:
		f.Why = fmt.Sprintf("its values match %s", before.values.must[0].Value)
	}
	if f.Mend == "" {
		f.Mend = "correct the value"
	}
	return f
}

// sameNumber returns the one of several texts that is the same number as another, "" where there is none.
func sameNumber(text string, among []string) string {
	x, err := strconv.ParseFloat(text, 64)
	i := slices.IndexFunc(among, func(s string) bool {
		y, failed := strconv.ParseFloat(s, 64)
		return err == nil && failed == nil && x == y
	})
	if i < 0 {
		return ""
	}
	return among[i]
}

func groupingLacks(n *parser.AggregateExpr, name string, t Type) Fault {
	names := t.Labels.Names()
	f := Fault{ID: "label/not-in-metric", Node: n, Severity: diag.Error,
		Message: fmt.Sprintf("%s by (%s): the operand has no label %s", n.Op, list(n.Grouping), name),
		Why:     operandHas(names), Mend: didYouMean(name, names)}
	if f.Mend == "" {
		f.Mend = "group by labels that are there"
	}
	if n.Without {
		f.Severity = diag.Info
		f.Message = fmt.Sprintf("%s without (%s): the operand has no label %s to drop", n.Op, list(n.Grouping), name)
	}
	return f
}

func operandHas(names []string) string {
	if len(names) == 0 {
		return "it has no labels"
	}
	return "it has " + list(names)
}

func rateOfGauge(n *parser.Call, arg parser.Expr, t Type) Fault {
	fn := n.Func.Name
	what := text(arg) + ", which is a " + kindNoun(t.Kind)
	if t.Metric != nil && t.Kind == Gauge {
		what = t.Metric.Name + ", which is a gauge"
	}
	mend := "use delta() or deriv(), or read the value as it is"
	switch {
	case t.Unit.IsPoint():
		mend = "use changes(), which counts how often the time is another"
	case t.Kind != Gauge:
		mend = "take " + fn + "() of the counter itself"
	}
	return Fault{ID: "type/rate-on-gauge", Node: n, Message: fmt.Sprintf("%s() of %s", fn, what),
		Why: fn + "() reads every fall as a restart and adds the value before it, so the result has no meaning", Mend: mend}
}

func kindNoun(k Kind) string {
	if k == Delta || k == Rate || k == Increase || k == Ratio || k == Quantile || k == Mean || k == Gauge || k == Bool {
		return k.String() + " and no counter"
	}
	return k.String() + ", no counter"
}

func rateOfAggregate(n *parser.Call, arg parser.Expr) Fault {
	return Fault{ID: "type/rate-of-aggregate", Node: n,
		Message: fmt.Sprintf("%s() of %s, an aggregate of counters", n.Func.Name, text(arg)),
		Why:     "when one of the counters restarts the aggregate falls, which " + n.Func.Name + "() takes for a restart of all of them",
		Mend:    "take " + n.Func.Name + "() first and aggregate its result"}
}

func deltaOfCounter(n *parser.Call, arg parser.Expr, t Type) Fault {
	what := text(arg)
	if t.Metric != nil {
		what = t.form.nameOr(t.Metric.Name)
	}
	instead := map[string]string{"delta": "increase()", "idelta": "irate()", "deriv": "rate()"}[n.Func.Name]
	return Fault{ID: "type/delta-on-counter", Node: n, Message: fmt.Sprintf("%s() of %s, which is a counter", n.Func.Name, what),
		Why: n.Func.Name + "() takes the fall at a restart for a change of the value", Mend: "use " + instead}
}

func (in *inferrer) noLE(n *parser.Call, arg parser.Expr) Fault {
	f := Fault{ID: "hist/no-le", Node: n, Message: fmt.Sprintf("%s() of series without the label le: it has no buckets to read", n.Func.Name)}
	if at := in.lost(arg, labels.BucketLabel); at != nil {
		f.Why = text(at) + " drops le"
		f.Mend = "keep le in the grouping: sum by (le, …)"
		return f
	}
	f.Why = text(arg) + " is no histogram"
	f.Mend = "take the rate of a histogram's _bucket series, or of a native histogram"
	return f
}

func needsNative(n *parser.Call, arg parser.Expr, t Type) Fault {
	f := Fault{ID: "hist/kind", Node: n, Message: fmt.Sprintf("%s() of %s gives nothing: its samples are numbers, not native histograms", n.Func.Name, text(arg)),
		Mend: "read a native histogram"}
	if t.Metric != nil && t.Metric.Classic() {
		f.Why = t.Metric.Name + " is a classic histogram"
		f.Mend = "use its _count and _sum series"
	}
	return f
}

func nativeIgnored(n parser.Node, what string) Fault {
	return Fault{ID: "hist/agg-native", Node: n, Message: what + " of native histograms gives nothing",
		Why: "it works on numbers and leaves histogram samples out", Mend: "take histogram_quantile(), histogram_count(), histogram_sum() or histogram_avg() first"}
}

func nativeOperand(n *parser.BinaryExpr) Fault {
	return Fault{ID: "hist/compare-native", Node: n, Message: text(n) + ": " + n.Op.String() + " has no meaning for native histograms and gives nothing",
		Why: "a native histogram is a sample of many buckets, not a number", Mend: "take histogram_count(), histogram_sum(), histogram_avg() or histogram_quantile() first"}
}

func trimsNothing(n *parser.BinaryExpr, left bool) Fault {
	f := Fault{ID: "hist/kind", Node: n, Message: fmt.Sprintf("%s gives nothing: %s trims native histograms, and the left side holds numbers", text(n), n.Op),
		Why: n.Op.String() + " cuts the buckets of a native histogram off at a number", Mend: "compare with < or >, or trim a native histogram"}
	if !left {
		f.Message = fmt.Sprintf("%s gives nothing: the right side of %s is a native histogram, not a number", text(n), n.Op)
		f.Mend = "trim at a number"
	}
	return f
}

func unitMismatch(n *parser.BinaryExpr, a, b unit.Unit) Fault {
	f := Fault{ID: "unit/add-mismatch", Node: n, Message: fmt.Sprintf("%s: %s and %s cannot be added or subtracted", text(n), a, b),
		Why: "the left side is in " + a.String() + ", the right side in " + b.String()}
	if n.Op.IsComparisonOperator() {
		f.ID = "unit/compare-mismatch"
		f.Message = fmt.Sprintf("%s: %s are compared with %s", text(n), a, b)
	}
	f.Mend = "bring both sides to one unit"
	if a.SameDimension(b) && !a.IsPoint() && !b.IsPoint() {
		f.Mend = fmt.Sprintf("multiply the left side by %g, or the right side by %g", a.Scale()/b.Scale(), b.Scale()/a.Scale())
	}
	return f
}

func rangeNever(n *parser.BinaryExpr, t, other Type) Fault {
	return Fault{ID: "range/never", Node: n, Severity: diag.Error, Message: fmt.Sprintf("%s is never true", text(n)),
		Why:  fmt.Sprintf("the left side lies in %s, the right side in %s", t.Range, other.Range),
		Mend: "compare with a value that can be reached"}
}

func rangeAlways(n *parser.BinaryExpr, t, other Type) Fault {
	f := rangeNever(n, t, other)
	f.ID, f.Severity = "range/always", diag.Warning
	f.Message = fmt.Sprintf("%s is true of every series", text(n))
	f.Mend = "drop the comparison, or compare with a value inside the range"
	return f
}

func alwaysOne(n *parser.BinaryExpr, part, whole *form) Fault {
	f := Fault{ID: "range/ratio-always-one", Node: n, Message: text(n) + " is always 1: each series is divided by itself",
		Why:  "the label that the left side selects by is still there, so it joins with the same series on the right",
		Mend: "aggregate both sides first: sum(…) / sum(…)"}
	if part.agg != 0 {
		var names []string
		for _, m := range part.matchers {
			if !slices.ContainsFunc(whole.matchers, func(o *labels.Matcher) bool { return sameMatcher(o, m) }) {
				names = append(names, m.Name)
			}
		}
		f.Why = "both sides are grouped by " + list(names) + ", by which the left side selects, so that each group is divided by the same group"
		f.Mend = "leave " + list(names) + " out of the grouping of both sides"
	}
	return f
}

func joinNever(n *parser.BinaryExpr, left, right string, differ []string, x, y label, common []string) Fault {
	f := Fault{ID: "match/never", Node: n}
	end := " and can never join"
	if n.Op == parser.LUNLESS {
		end = ", so nothing is ever removed"
	}
	sides := left + " " + n.Op.String() + " " + right
	if len(differ) > 0 {
		f.Message = fmt.Sprintf("%s: the sides differ in %s%s", sides, list(differ), end)
		f.Why = "one side always has these labels, the other never"
	} else {
		f.Message = fmt.Sprintf("%s: no value of %s is on both sides%s", sides, x.name, end)
		if a, ok := x.values.Set(); ok {
			if b, ok := y.values.Set(); ok {
				f.Why = fmt.Sprintf("%s is %s on the left and %s on the right", x.name, strings.Join(a, " or "), strings.Join(b, " or "))
			}
		}
	}
	switch {
	case len(differ) > 0 && len(common) > 0:
		f.Mend = "aggregate both sides by (" + list(common) + "), or match with on (" + list(common) + ")"
	case len(differ) > 0:
		f.Mend = "aggregate both sides by the same labels"
	default:
		f.Mend = "select the same values on both sides, or leave the label out with ignoring (" + x.name + ")"
	}
	return f
}

func manyToMany(n *parser.BinaryExpr, label, side string, both bool) Fault {
	when := ""
	if m := n.VectorMatching; m != nil && fills(m) {
		when = " as soon as they exist" // until then the other side is filled in
		if side == "left" && m.Card == parser.CardOneToOne && m.FillValues.RHS == nil {
			when = " as soon as they match"
		}
	}
	f := Fault{ID: "match/many-to-many", Node: n,
		Message: fmt.Sprintf("%s: several series of the %s side have the same matching labels, so the query fails%s", text(n), side, when),
		Why:     fmt.Sprintf("they differ in %s, which is not matched", label),
		Mend:    "aggregate " + label + " away, or match on it"}
	if !both {
		f.ID = "match/needs-group"
		f.Mend = "add group_" + side + "(), or aggregate " + label + " away"
	}
	return f
}

func includeAbsent(n *parser.BinaryExpr, name, side string, names []string) Fault {
	where := ""
	if fills(n.VectorMatching) {
		where = " where both sides match" // a series that is filled in keeps it
	}
	f := Fault{ID: "match/group-label-absent", Node: n,
		Message: fmt.Sprintf("%s: the %s side has no label %s to give, so the label is deleted%s", text(n), side, name, where),
		Why:     operandHas(names), Mend: didYouMean(name, names)}
	if f.Mend == "" {
		f.Mend = "leave " + name + " out of the grouping"
	}
	return f
}

// nearest returns the name that a misspelt one is most likely meant to be, "" where none is near.
func nearest(name string, among []string) string {
	for _, suffix := range []string{"_total", "_seconds", "_bytes", "_ratio", "_bucket", "_count", "_sum"} {
		// A forgotten or an unnecessary suffix is the commonest mistake, and far in letters.
		if slices.Contains(among, name+suffix) {
			return name + suffix
		}
		if stem, ok := strings.CutSuffix(name, suffix); ok && slices.Contains(among, stem) {
			return stem
		}
	}
	best, most := "", max(1, len(name)/5)
	for _, s := range among {
		if d := max(len(s)-len(name), len(name)-len(s)); d > most || s == name {
			continue
		}
		if d := diag.Distance(strings.ToLower(name), strings.ToLower(s)); d <= most {
			best, most = s, d-1
		}
	}
	return best
}
