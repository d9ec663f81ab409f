package simulate

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/promql/promqltest"
	"github.com/prometheus/prometheus/rules"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/query"
)

// Failure is an expectation that is not met, or a reason why it could not be looked at.
type Failure struct {
	At    diag.Position
	Group string
	// Case names the expectation: alert HighErrorRate at 5m. It is empty where the whole group failed.
	Case    string
	Message string
	// Expected and Got are what was, a line each; nil where the message says all.
	Expected, Got []string
}

// Outcome is how the tests of a group ended.
type Outcome struct {
	Group    *Group
	Failures []Failure
	Took     time.Duration
	// Fired are the alerting rules that the group made fire, and had expected to, by file, group and name.
	Fired []RuleID
	// Rules are all alerting rules that were loaded.
	Rules []RuleID
}

// RuleID names an alerting rule.
type RuleID struct{ File, Group, Alert string }

// Options are how tests are run.
type Options struct {
	// Features are the flags of the server that evaluates the rules; promtool has none on that it is not told of.
	Features query.Features
	// Sites say where rules are declared that are read from other files than their own, by proofs.SiteKey.
	Sites map[string]string
	// IgnoreUnknownFields is as the flag of promtool of that name.
	IgnoreUnknownFields bool
}

// Run runs one group of a file in an engine of its own.
func (f *File) Run(ctx context.Context, g *Group, o Options) Outcome {
	begin := time.Now()
	r := &runner{file: f, group: g, options: o, parser: o.Features.Parser()}
	if err := r.run(ctx); err != nil {
		r.fail(Failure{At: g.At, Message: err.Error()})
	}
	return Outcome{Group: g, Failures: r.failures, Took: time.Since(begin), Fired: r.fired, Rules: r.alerting}
}

type runner struct {
	file     *File
	group    *Group
	options  Options
	parser   parser.Parser
	failures []Failure
	fired    []RuleID
	alerting []RuleID
}

func (r *runner) fail(f Failure) {
	f.Group = r.group.Name
	r.failures = append(r.failures, f)
}

// load is the group's series in the notation of the engine's tests.
func (r *runner) load() string {
	var b strings.Builder
	fmt.Fprintf(&b, "load %s\n", short(r.group.Interval))
	for _, s := range r.group.Series {
		fmt.Fprintf(&b, "  %s %s\n", s.Series, s.Values)
	}
	return b.String()
}

// short writes a duration as the notation takes it.
func short(d time.Duration) string { return model.Duration(d).String() }

func (r *runner) run(ctx context.Context) (err error) {
	for _, a := range r.group.Alerts {
		if a.Alert == "" {
			r.fail(Failure{At: a.At, Message: fmt.Sprintf("an item of alert_rule_test has no alertname, at %s", short(a.EvalTime))})
		}
	}
	if len(r.failures) > 0 {
		return nil
	}
	suite, err := promqltest.NewLazyLoader(r.load(), promqltest.LazyLoaderOpts{
		EnableAtModifier: true, EnableNegativeOffset: true, EnableDelayedNameRemoval: r.options.Features.Has(query.DelayedNameRemoval), StartTime: r.group.Start, Parser: r.parser,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, suite.Close()) }()
	suite.SubqueryInterval = r.file.Interval
	groups, err := r.rules(ctx, suite)
	if err != nil {
		return err
	}
	start := r.group.Start
	if start.IsZero() {
		start = time.Unix(0, 0).UTC()
	}
	if !r.evaluate(suite, groups, start) {
		return nil
	}
	for _, c := range r.group.Exprs {
		r.expr(suite, c, start)
	}
	return nil
}

// rules loads the rule files into a manager of Prometheus.
func (r *runner) rules(ctx context.Context, suite *promqltest.LazyLoader) ([]*rules.Group, error) {
	manager := rules.NewManager(&rules.ManagerOptions{
		QueryFunc: rules.EngineQueryFunc(suite.QueryEngine(), suite.Storage()), AppendableV2: suite.Storage(), Context: ctx,
		NotifyFunc: func(context.Context, string, ...*rules.Alert) {}, Logger: promslog.NewNopLogger(), Parser: r.parser,
		GroupLoader: r.file.groups(r.parser),
	})
	loaded, errs := manager.LoadGroups(r.group.Interval, r.group.External, r.group.URL, nil, r.options.IgnoreUnknownFields, r.file.Rules...)
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	groups := r.file.ordered(loaded)
	for _, g := range groups {
		for _, rule := range g.Rules() {
			if a, ok := rule.(*rules.AlertingRule); ok {
				a.SetRestored(true) // only then is the series ALERTS written
				r.alerting = append(r.alerting, RuleID{g.File(), g.Name(), a.Name()})
			}
		}
	}
	return groups, nil
}

// ordered returns groups as they are evaluated: those that the file gives no order first, as in promtool; here by file and name,
// so that runs are alike.
func (f *File) ordered(loaded map[string]*rules.Group) []*rules.Group {
	return slices.SortedFunc(maps.Values(loaded), func(a, b *rules.Group) int {
		x, y := max(0, slices.Index(f.Order, a.Name())), max(0, slices.Index(f.Order, b.Name()))
		if x != y {
			return x - y
		}
		return strings.Compare(a.File()+"\x00"+a.Name(), b.File()+"\x00"+b.Name())
	})
}

// last is the latest moment that anything is expected at.
func (r *runner) last() time.Duration {
	most := time.Duration(0)
	for _, c := range r.group.Alerts {
		most = max(most, c.EvalTime)
	}
	for _, c := range r.group.Exprs {
		most = max(most, c.EvalTime)
	}
	return most
}

// evaluate evaluates all groups from the start on, again and again, and looks at the alerts where they are asked for. It
// returns false where a rule cannot be evaluated: the test then ends.
func (r *runner) evaluate(suite *promqltest.LazyLoader, groups []*rules.Group, start time.Time) bool {
	cases := slices.Clone(r.group.Alerts)
	slices.SortStableFunc(cases, func(a, b AlertCase) int { return int(a.EvalTime - b.EvalTime) })
	end := start.Add(r.last())
	for at := start; !at.After(end); at = at.Add(r.file.Interval) {
		var faults []Failure
		suite.WithSamplesTill(at, func(err error) {
			if err != nil {
				r.fail(Failure{At: r.group.At, Message: err.Error()})
				return
			}
			for _, g := range groups {
				g.Eval(suite.Context(), at)
				for _, rule := range g.Rules() {
					if err := rule.LastError(); err != nil {
						faults = append(faults, Failure{At: r.group.At, Case: "rule " + rule.Name() + " at " + short(at.Sub(start)), Message: err.Error()})
					}
				}
			}
		})
		for _, f := range faults {
			r.fail(f)
		}
		if len(faults) > 0 {
			return false
		}
		// What is asked of a moment between two evaluations is as the first of them left it.
		for len(cases) > 0 && at.Sub(start) <= cases[0].EvalTime && cases[0].EvalTime < at.Add(r.file.Interval).Sub(start) {
			r.alerts(groups, cases[0])
			cases = cases[1:]
		}
	}
	return true
}

// firing is an alert that fires.
type firing struct{ labels, annotations labels.Labels }

func (f firing) String() string {
	s := f.labels.String()
	if f.annotations.Len() > 0 {
		s += " with " + f.annotations.String()
	}
	return s
}

func compareFiring(a, b firing) int {
	if c := labels.Compare(a.labels, b.labels); c != 0 {
		return c
	}
	return labels.Compare(a.annotations, b.annotations)
}

func (r *runner) alerts(groups []*rules.Group, c AlertCase) {
	var got, want []firing
	var fired []RuleID
	for _, g := range groups {
		for _, rule := range g.Rules() {
			a, ok := rule.(*rules.AlertingRule)
			if !ok || a.Name() != c.Alert {
				continue
			}
			for _, active := range a.ActiveAlerts() {
				if active.State == rules.StateFiring {
					got = append(got, firing{active.Labels.Copy(), active.Annotations.Copy()})
					fired = append(fired, RuleID{g.File(), g.Name(), a.Name()})
				}
			}
		}
	}
	for _, f := range c.Firing {
		ls := map[string]string{}
		for k, v := range f.Labels {
			ls[k] = v
		}
		ls[model.AlertNameLabel] = c.Alert
		want = append(want, firing{labels.FromMap(ls), labels.FromMap(f.Annotations)})
	}
	slices.SortFunc(got, compareFiring)
	slices.SortFunc(want, compareFiring)
	if slices.EqualFunc(want, got, func(a, b firing) bool { return compareFiring(a, b) == 0 }) {
		r.fired = append(r.fired, fired...)
		return
	}
	r.fail(Failure{
		At: c.At, Case: "alert " + c.Alert + " at " + short(c.EvalTime), Message: "other alerts fire", Expected: lines(want, firing.String), Got: lines(got, firing.String),
	})
}

func lines[T any](list []T, f func(T) string) []string {
	out := []string{}
	for _, x := range list {
		out = append(out, f(x))
	}
	return out
}

// sample is a sample of an expression: a number, or a histogram in the notation of the engine's tests.
type sample struct {
	labels    labels.Labels
	value     float64
	histogram string
}

func (s sample) String() string {
	if s.histogram != "" {
		return s.labels.String() + " " + s.histogram
	}
	return s.labels.String() + " " + strconv.FormatFloat(s.value, 'g', -1, 64)
}

func (r *runner) expr(suite *promqltest.LazyLoader, c ExprCase, start time.Time) {
	fail := func(message string, want, got []string) {
		r.fail(Failure{At: c.At, Case: c.Expr + " at " + short(c.EvalTime), Message: message, Expected: want, Got: got})
	}
	got, err := evaluate(suite, c.Expr, start.Add(c.EvalTime))
	if err != nil {
		fail(err.Error(), nil, nil)
		return
	}
	var want []sample
	for _, s := range c.Samples {
		x := sample{value: s.Value}
		if x.labels, err = r.parser.ParseMetric(s.Labels); err == nil && s.Histogram != "" {
			var h *histogram.FloatHistogram
			h, err = r.histogram(s.Histogram)
			x.histogram = promqltest.HistogramTestExpression(h)
		}
		if err != nil {
			fail(fmt.Sprintf("labels %q: %v", s.Labels, err), nil, nil)
			return
		}
		want = append(want, x)
	}
	byLabels := func(a, b sample) int { return labels.Compare(a.labels, b.labels) }
	slices.SortStableFunc(got, byLabels)
	slices.SortStableFunc(want, byLabels)
	if !slices.EqualFunc(want, got, func(a, b sample) bool {
		return labels.Equal(a.labels, b.labels) && a.histogram == b.histogram && r.same(a.value, b.value)
	}) {
		fail("other samples come", lines(want, sample.String), lines(got, sample.String))
	}
}

// same reports whether two values are equal; with fuzzy_compare also where they are neighbours.
func (r *runner) same(a, b float64) bool {
	return a == b || r.file.Fuzzy && (math.Nextafter(a, math.Inf(-1)) == b || math.Nextafter(a, math.Inf(1)) == b)
}

func (r *runner) histogram(text string) (*histogram.FloatHistogram, error) {
	_, values, err := r.parser.ParseSeriesDesc("{} " + text)
	switch {
	case err != nil:
		return nil, err
	case len(values) != 1:
		return nil, fmt.Errorf("expected 1 value, got %d", len(values))
	case values[0].Histogram == nil:
		return nil, fmt.Errorf("expected a histogram, got %v", values[0])
	}
	return values[0].Histogram, nil
}

func evaluate(suite *promqltest.LazyLoader, text string, at time.Time) ([]sample, error) {
	q, err := suite.QueryEngine().NewInstantQuery(suite.Context(), suite.Queryable(), nil, text, at)
	if err != nil {
		return nil, err
	}
	defer q.Close()
	res := q.Exec(suite.Context())
	if res.Err != nil {
		return nil, res.Err
	}
	switch v := res.Value.(type) {
	case promql.Vector:
		var out []sample
		for _, s := range v {
			out = append(out, sample{s.Metric.Copy(), s.F, promqltest.HistogramTestExpression(s.H)})
		}
		return out, nil
	case promql.Scalar:
		return []sample{{labels.EmptyLabels(), v.V, ""}}, nil
	}
	return nil, errors.New("rule result is not a vector or scalar")
}
