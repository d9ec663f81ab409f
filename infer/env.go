package infer

import (
	"maps"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/catalog/external"
	"github.com/obsgen/obsgen/unit"
)

// Env is what an expression's names mean: the series of a catalog and those that rules record.
type Env struct {
	prefix  string
	targets []*catalog.LabelDef
	series  map[string]Type
	// recorded has the series of each rule of a name, which series has joined.
	recorded map[string][]Type
	// forms has the names that a histogram would have in its other form.
	forms map[string]*catalog.Metric
	// patterns are the compiled patterns of labels, nil for one that does not compile.
	patterns map[*catalog.LabelDef]*labels.Matcher
}

// NewEnv returns the environment of a catalog. Each scraped series also carries the labels of its target:
// targetLabels, or job and instance where none is given. A nil catalog has no metrics.
func NewEnv(c *catalog.Catalog, targetLabels ...*catalog.LabelDef) *Env {
	env := &Env{
		targets:  targetLabels,
		series:   map[string]Type{},
		recorded: map[string][]Type{},
		forms:    map[string]*catalog.Metric{},
		patterns: map[*catalog.LabelDef]*labels.Matcher{},
	}
	if len(targetLabels) == 0 {
		env.targets = []*catalog.LabelDef{catalog.Job.LabelDef, catalog.Instance.LabelDef}
	}
	if c == nil {
		return env
	}
	env.prefix = c.Spec.Prefix
	for name, s := range c.Index() {
		env.series[name] = env.typeOf(s)
	}
	for _, m := range c.Metrics() {
		if m.Kind != catalog.KindHistogram {
			continue
		}
		for _, suffix := range []string{"", "_bucket", "_sum", "_count"} {
			if _, ok := env.series[m.Name+suffix]; !ok {
				env.forms[m.Name+suffix] = m
			}
		}
	}
	return env
}

// OpenExternal lets the series of external metrics carry labels that are not declared: whoever scrapes the target chooses
// those that it adds, such as namespace and pod. OpenExternal must not run beside Infer.
func (env *Env) OpenExternal() {
	for name, t := range env.series {
		if t.Metric != nil && t.Metric.Group.External {
			t.Labels.closed = false
			env.series[name] = t
		}
	}
}

// Record adds the series that a rule records under a name, with the type of the rule's expression; its
// labels are those that the series have in the end, see Labels.With. Several rules that record one name
// are several calls. Record must not run beside Infer.
func (env *Env) Record(name string, t Type) {
	if t.Range == (Range{}) {
		t.Range = Anything
	}
	if t.Value == parser.ValueTypeScalar {
		t.Labels, t.Native = Labels{closed: true}, Never
	}
	t.Value = parser.ValueTypeVector
	t.Labels = t.Labels.set(label{name: metricName, presence: Must, values: oneOf(name)})
	if t.Empty == Never {
		t.Empty = Maybe // the rule may not have run yet
	}
	if t.form != nil {
		f := *t.form
		f.recorded = true
		t.form = &f
	}
	joined := t
	if len(env.recorded[name]) > 0 {
		joined = join(env.series[name], t)
	}
	env.series[name], env.recorded[name] = joined, append(env.recorded[name], t)
}

// selected returns the type of the series of a name that can pass matchers: of recorded ones, those of the rules whose
// labels do. Where none does it is that of all, for the fault to be found.
func (env *Env) selected(name string, ms []*labels.Matcher) (t Type, ok bool) {
	t, ok = env.Lookup(name)
	if len(env.recorded[name]) < 2 {
		return t, ok
	}
	found := false
	for _, r := range env.recorded[name] {
		switch {
		case slices.ContainsFunc(ms, func(m *labels.Matcher) bool {
			if m == nil {
				return false
			}
			_, possible := narrow(r.Labels.get(m.Name), m)
			return !possible
		}):
		case !found:
			t, found = r, true
		default:
			t = join(t, r)
		}
	}
	return t, true
}

// Lookup returns the type of all series with a name; ok is false where neither the catalog nor a rule has it.
func (env *Env) Lookup(name string) (t Type, ok bool) {
	t, ok = env.series[name]
	return t, ok
}

// owns reports whether a name is one that only the catalog could declare.
func (env *Env) owns(name string) bool {
	return env.prefix != "" && strings.HasPrefix(name, env.prefix)
}

// names returns all known names, sorted.
func (env *Env) names() []string { return slices.Sorted(maps.Keys(env.series)) }

// observations is what the buckets and the count of a histogram count.
var observations = unit.Count("observations")

func (env *Env) typeOf(s catalog.Series) Type {
	m := s.Metric
	t := Type{Value: parser.ValueTypeVector, Unit: m.Unit, Metric: m, Native: Never, Labels: env.labelsOf(s)}
	switch {
	case m.Kind == catalog.KindCounter:
		t.Kind, t.Range = Counter, atLeast(0)
	case m.Kind == catalog.KindGauge:
		t.Kind, t.Range = Gauge, rangeOf(m)
	case m.Kind == catalog.KindUntyped:
		t.Native, t.Range = Maybe, Anything
	case s.Suffix == "":
		t.Kind, t.Unit, t.Observed, t.Native, t.Range = Native, observations, m.Unit, Must, Anything
		t.counts = true
	case s.Suffix == "_bucket":
		t.Kind, t.Unit, t.Observed, t.Range = Bucket, observations, m.Unit, integers(0, inf)
	case s.Suffix == "_count":
		t.Kind, t.Unit, t.Observed, t.Range = Counter, observations, m.Unit, integers(0, inf)
	default: // the sum, which falls where observations are negative
		t.Kind, t.Observed, t.Range = Counter, m.Unit, finite
		if observed(m).nonNegative() {
			t.Range = atLeast(0)
		}
	}
	t.form = &form{series: s, name: s.Name(), factor: 1}
	return t
}

// rangeOf returns the declared range of a gauge.
func rangeOf(m *catalog.Metric) Range {
	if m.Range.IsZero() {
		return Anything
	}
	r := between(m.Range.Min, m.Range.Max)
	r.OpenLo, r.OpenHi = r.Lo == -inf, r.Hi == inf
	r.Whole = len(m.States) > 0 && m.Unit.IsState() &&
		!slices.ContainsFunc(m.States, func(s catalog.State) bool { return !whole(s.Value) })
	return r
}

// observed returns the range of a histogram's observations. Where none is declared, a first bucket that
// ends above 0 says that observations are not negative: quantiles are interpolated from 0 then.
func observed(m *catalog.Metric) Range {
	switch {
	case !m.Range.IsZero():
		return rangeOf(m)
	case len(m.Buckets) > 0 && m.Buckets[0] > 0, m.Unit.IsDuration(), m.Unit.IsBytes():
		return atLeast(0)
	}
	return finite
}

func (env *Env) labelsOf(s catalog.Series) Labels {
	m := s.Metric
	if m.Group == external.Alerts {
		// no target exposes these series, and each has the labels of its rule
		l := Labels{}
		for _, def := range m.Labels {
			e := env.label(def)
			if def == external.Severity.LabelDef {
				e.presence = Maybe
			}
			l = l.set(e)
		}
		return l.set(label{name: metricName, presence: Must, values: oneOf(s.Name())})
	}
	l := Labels{closed: !m.Group.OpenLabels}
	for _, def := range m.Labels {
		e := env.label(def)
		if m.Group.OpenLabels {
			e.presence = Maybe // of those that a sample has, some series may lack some
		}
		l = l.set(e)
	}
	for _, def := range env.targets {
		if !l.Has(def.Name) {
			l = l.set(env.label(def))
		}
	}
	if s.Suffix == "_bucket" {
		bounds := make([]string, 0, len(m.Buckets)+1)
		for _, b := range m.Buckets {
			bounds = append(bounds, labels.FormatOpenMetricsFloat(b))
		}
		bounds = append(bounds, labels.FormatOpenMetricsFloat(inf))
		l = l.set(label{name: labels.BucketLabel, presence: Must, values: oneOf(bounds...), varies: true})
	}
	return l.set(label{name: metricName, presence: Must, values: oneOf(s.Name())})
}

// label returns what a declaration says of a label: it is on every series, unless "" is one of its values.
func (env *Env) label(def *catalog.LabelDef) label {
	e := label{name: def.Name, presence: Must}
	if def.Closed() {
		e.values = oneOf(def.Values...).filter(func(v string) bool { return v != "" })
		if len(e.values.set) < len(def.Values) {
			e.presence = Maybe
		}
		return e
	}
	e.values.most = max(0, def.Max)
	if slices.Contains(env.targets, def) {
		e.values.most = 1
	}
	if def.Pattern == "" {
		return e
	}
	re, seen := env.patterns[def]
	if !seen {
		// one that does not compile says nothing; the catalog's own check reports it
		re, _ = labels.NewMatcher(labels.MatchRegexp, def.Name, def.Pattern)
		env.patterns[def] = re
	}
	if re != nil {
		e.values = e.values.matched(re)
		if re.Matches("") {
			e.presence = Maybe
		}
	}
	return e
}
