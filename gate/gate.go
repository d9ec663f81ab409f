// Package gate holds what was measured, by a Prometheus or in two scrapes, against the thresholds of a project's alerts.
//
// There is no promise of compatibility before 1.0.
package gate

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/plan"
	"github.com/obsgen/obsgen/query"
	"github.com/obsgen/obsgen/rules"
	"github.com/obsgen/obsgen/unit"
)

// Point is a value at a moment.
type Point struct {
	At    time.Time `json:"at"`
	Value float64   `json:"value"`
}

// Series is what an expression gives for one set of labels.
type Series struct {
	Labels string
	Points []Point
}

// Measured answers queries about the time that is looked at.
type Measured interface {
	// Series evaluates an expression over that time.
	Series(ctx context.Context, e parser.Expr) ([]Series, error)
	// Step is the time between two points; 0 where there is one point only.
	Step() time.Duration
	// Vanished returns the name of a metric that an expression reads, and that was there at first and is not at the end; "" where
	// there is none.
	Vanished(ctx context.Context, e parser.Expr) (string, error)
	// Warnings are what was said of the answers: that they are partial, for instance.
	Warnings() []string
}

// ErrUnmeasurable is returned for an expression that what was measured cannot answer.
type ErrUnmeasurable struct{ Why string }

func (e *ErrUnmeasurable) Error() string { return e.Why }

// Check is a condition that must not hold: that of an alert.
type Check struct {
	Name     string
	Severity rules.Severity
	Summary  string
	For      time.Duration
	// Condition gives the series for which it holds. Value is what it compares with Threshold; nil where it is no comparison
	// with one number.
	Condition parser.Expr
	Value     parser.Expr
	Op        query.Comparison
	Threshold float64
	Unit      unit.Unit
	// Own says that it reads what the service itself exposes.
	Own bool
}

// Checks returns the conditions of a plan's alerts, of the severities that are named. They read no recorded series, since
// those may not be where the load was measured.
func Checks(p *plan.Plan, severities []rules.Severity) []Check {
	var out []Check
	own := p.Catalog.Own()
	for _, r := range p.Alerts() {
		a := r.Alert
		if !slices.Contains(severities, a.Severity) {
			continue
		}
		c := Check{Name: a.Name, Severity: a.Severity, Summary: a.SummaryText, For: a.For, Condition: r.Source.Tree, Unit: a.Value.Type.Unit}
		c.Own = slices.ContainsFunc(r.Metrics, func(m *catalog.Metric) bool { return slices.Contains(own, m) })
		if a.HasThreshold {
			c.Op, c.Threshold = a.Op, a.Threshold
			c.Value = compared(r.Source.Tree, a)
		}
		out = append(out, c)
	}
	return out
}

// compared returns the side of an alert's condition that its threshold is for.
func compared(e parser.Expr, a *plan.Alert) (found parser.Expr) {
	query.Walk(e, func(n parser.Expr) {
		c, ok := n.(*parser.BinaryExpr)
		if !ok || found != nil || c.Op != parser.ItemType(a.Op) {
			return
		}
		if num, ok := c.RHS.(*parser.NumberLiteral); ok && num.Val == a.Threshold {
			found = c.LHS
		}
	})
	return found
}

// State is how a check ended.
type State string

// The states.
const (
	Good     State = "good"
	Touched  State = "touched"  // the condition held, and not for as long as the alert waits
	Exceeded State = "exceeded" // the alert would have fired
	NoData   State = "no data"
	Skipped  State = "skipped" // it cannot be measured like this
)

// Outcome is how a check ended, and by how much.
type Outcome struct {
	Check
	State State
	// Worst is the value that came nearest to the threshold, or went furthest beyond it, and Labels say of what.
	Worst  float64
	Labels string
	// Held is how long the condition held at a stretch, at most.
	Held time.Duration
	// Points are the values of the worst series.
	Points []Point
	Why    string
}

// Run carries checks out. It returns an error where a query cannot be answered at all.
func Run(ctx context.Context, m Measured, checks []Check) ([]Outcome, error) {
	var out []Outcome
	for _, c := range checks {
		o, err := run(ctx, m, c)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.Name, err)
		}
		out = append(out, o)
	}
	return out, nil
}

func run(ctx context.Context, m Measured, c Check) (Outcome, error) {
	o := Outcome{Check: c, State: NoData, Worst: math.NaN()}
	gone, err := m.Vanished(ctx, c.Condition)
	if err != nil {
		return o, err
	}
	if gone != "" {
		o.Why = gone + " was there at first and is not at the end"
		return o, nil
	}
	held, err := m.Series(ctx, c.Condition)
	if skipped(err, &o) {
		return o, nil
	}
	if err != nil {
		return o, err
	}
	if c.Value != nil {
		values, err := m.Series(ctx, c.Value)
		if skipped(err, &o) {
			return o, nil
		}
		if err != nil {
			return o, err
		}
		o.worst(values)
	}
	if len(o.Points) > 0 || c.Value == nil {
		o.State = Good
	}
	for _, s := range held {
		if len(s.Points) == 0 {
			continue
		}
		if o.State == Good || o.State == NoData {
			o.State = Touched
		}
		if d := longest(s.Points, m.Step()); d > o.Held || o.Labels == "" {
			o.Held = max(o.Held, d)
			if c.Value == nil {
				o.Labels, o.Points, o.Worst = s.Labels, s.Points, s.Points[len(s.Points)-1].Value
			}
		}
		// An alert that waits fires at the first evaluation after it has waited: its condition then held for as long. Of one
		// point nobody knows how long it held.
		if longest(s.Points, m.Step()) >= c.For || m.Step() == 0 {
			o.State = Exceeded
		}
	}
	return o, nil
}

func skipped(err error, o *Outcome) bool {
	e, ok := err.(*ErrUnmeasurable) //nolint:errorlint // it is returned as it is
	if ok {
		o.State, o.Why = Skipped, e.Why
	}
	return ok
}

// worst finds the series that came nearest to the threshold.
func (o *Outcome) worst(series []Series) {
	distance := func(v float64) float64 { // the larger, the worse
		switch o.Op {
		case query.Less, query.LessEqual:
			return -v
		case query.EqualTo:
			return -math.Abs(v - o.Threshold)
		case query.NotEqualTo:
			return math.Abs(v - o.Threshold)
		}
		return v
	}
	most := math.Inf(-1)
	for _, s := range series {
		for _, p := range s.Points {
			if d := distance(p.Value); d > most || len(o.Points) == 0 && !math.IsNaN(p.Value) {
				most, o.Worst, o.Labels, o.Points = d, p.Value, s.Labels, s.Points
			}
		}
	}
}

// longest returns the time from the first to the last of the points that follow each other without a gap, at most.
func longest(points []Point, step time.Duration) time.Duration {
	var most time.Duration
	begin := 0
	for i := range points {
		if i > 0 && points[i].At.Sub(points[i-1].At) > step+step/2 {
			begin = i
		}
		most = max(most, points[i].At.Sub(points[begin].At))
	}
	return most
}

// Number is something that was measured and has no threshold: a number of a dashboard.
type Number struct {
	Title     string
	Unit      unit.Unit
	Mean, Max float64
	Points    []Point
}

// Numbers returns what the single numbers of a dashboard were, for the report.
func Numbers(ctx context.Context, m Measured, p *plan.Plan, b *plan.Board) ([]Number, error) {
	var out []Number
	for _, panel := range b.Panels() {
		if panel.Kind != "stat" || len(panel.Targets) != 1 {
			continue
		}
		e, ok := unfiltered(panel.Targets[0].Source.Tree, p)
		if !ok {
			continue
		}
		series, err := m.Series(ctx, e)
		if _, no := err.(*ErrUnmeasurable); no { //nolint:errorlint // it is returned as it is
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", panel.Title, err)
		}
		if len(series) != 1 || len(series[0].Points) == 0 {
			continue
		}
		n := Number{Title: panel.Title, Unit: panel.Unit, Max: math.Inf(-1), Points: series[0].Points}
		for _, pt := range n.Points {
			n.Mean += pt.Value / float64(len(n.Points))
			n.Max = max(n.Max, pt.Value)
		}
		if !math.IsNaN(n.Mean) {
			out = append(out, n)
		}
	}
	return out, nil
}

// unfiltered returns a panel's expression without the variables of its dashboard: the job is the profile's, and other
// filters are dropped. ok is false where a variable stands elsewhere.
func unfiltered(e parser.Expr, p *plan.Plan) (out parser.Expr, ok bool) {
	ok = true
	out = query.Map(e, func(n parser.Expr) parser.Expr {
		v, is := n.(*parser.VectorSelector)
		if !is {
			return n
		}
		ms := v.LabelMatchers
		v.LabelMatchers = nil
		for _, m := range ms {
			switch {
			case !strings.Contains(m.Value, "$"):
				v.LabelMatchers = append(v.LabelMatchers, m)
			case m.Name == "job" && m.Value == "$job":
				of := *m
				of.Value = p.Profile.Job
				v.LabelMatchers = append(v.LabelMatchers, &of)
			}
		}
		return v
	})
	return out, ok
}
