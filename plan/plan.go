// Package plan is the resolved form of a project for one profile: every expression placed, named and
// typed; windows, units, grid positions, ids, thresholds and recorded series decided by named passes. It
// holds no type of Grafana and none of a file format: back-ends read it and decide nothing.
//
// There is no promise of compatibility before 1.0.
package plan

import (
	"cmp"
	"slices"
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/dashboards"
	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/infer"
	"github.com/obsgen/obsgen/project"
	"github.com/obsgen/obsgen/query"
	"github.com/obsgen/obsgen/rules"
	"github.com/obsgen/obsgen/scenario"
	"github.com/obsgen/obsgen/unit"
)

// Plan is a project resolved for one profile.
type Plan struct {
	Name    string
	Title   string
	Version string
	Owner   string
	Profile project.Profile
	Catalog *catalog.Catalog
	// Groups are ordered so that a group that reads another's recorded series comes after it.
	Groups []*Group
	Boards []*Board
	// Env has the types of the catalog's series and of the recorded ones.
	Env *infer.Env
	// Readers has, by metric, the panels and rules that read it, directly or through recorded series.
	Readers map[*catalog.Metric][]Reader
	// Inhibitions are the alerts that make others needless.
	Inhibitions []Inhibition
	// Scenarios are what befalls the service, the usual state of things first.
	Scenarios []*scenario.Scenario
	// Pictures are small pictures of dashboards, as PNG, by uid, which the docs show. Whoever has them puts them here: a plan is made
	// of declarations alone.
	Pictures map[string][]byte
	// Findings are the faults of the declarations, sorted.
	Findings []diag.Finding
}

// RateInterval is what stands, in a panel's expression, for a window that follows the zoom.
const RateInterval = "$__rate_interval"

// Expr is an expression in its place. A window that is still open is Grafana's to choose.
type Expr struct {
	Tree parser.Expr
	Type infer.Type
	// Window is what stands for windows that are still open: a variable of the dashboard; "": RateInterval.
	Window string

	broken bool // its construction has findings
}

// Text returns the expression in one line.
func (e Expr) Text() string { return query.Text(e.Tree, cmp.Or(e.Window, RateInterval), false) }

// Pretty returns the expression broken over lines where it is long.
func (e Expr) Pretty() string { return query.Text(e.Tree, cmp.Or(e.Window, RateInterval), true) }

// Group is a group of rules in evaluation order.
type Group struct {
	Name     string
	Help     string
	Owner    string
	Interval time.Duration // resolved, never 0
	Window   time.Duration // resolved
	Offset   time.Duration
	Limit    int
	Rules    []*Rule
	Site     diag.Site

	decl *rules.RuleGroup
}

// Rule is a recording rule (Record is set) or an alerting rule (Alert is set).
type Rule struct {
	Group  *Group
	Record string
	Alert  *Alert
	Expr   Expr
	// Source is the expression before recorded series were put into it.
	Source Expr
	Labels map[string]string
	Owner  string
	Why    string
	// Metrics are the catalog's metrics that the rule reads, directly or through recorded series.
	Metrics []*catalog.Metric
	// Reads are the recording rules whose series the expression reads.
	Reads []*Rule
	// Readers are the panels and rules that read the recorded series.
	Readers []Reader
	Site    diag.Site

	decl *rules.RecordingRule
	warn *rules.AlertingRule
}

// Alerts returns the alerting rules, in the order of their groups.
func (p *Plan) Alerts() []*Rule {
	var out []*Rule
	for _, g := range p.Groups {
		for _, r := range g.Rules {
			if r.Alert != nil {
				out = append(out, r)
			}
		}
	}
	return out
}

// ScenarioData returns the scenarios in the form that the program which runs them reads.
func (p *Plan) ScenarioData() scenario.Data {
	out := scenario.Resolve(p.Catalog, p.Scenarios, func(m *catalog.Metric) bool { return len(p.Readers[m]) > 0 })
	out.Job, out.Targets, out.External = p.Profile.Job, p.Profile.Targets, p.Profile.ExternalLabels()
	out.Scrape, out.Evaluation = scenario.Duration(p.Profile.ScrapeInterval), scenario.Duration(p.Profile.EvaluationInterval)
	return out
}

// Name returns the name of the recorded series or of the alert.
func (r *Rule) Name() string {
	if r.Alert != nil {
		return r.Alert.Name
	}
	return r.Record
}

// Alert is what a rule adds to its expression if it alerts.
type Alert struct {
	Name          string
	For           time.Duration
	KeepFiringFor time.Duration
	Severity      rules.Severity
	// Summary and Description are annotations with Prometheus's template syntax; SummaryText and
	// DescriptionText say the same with the labels' names in the place of their values.
	Summary, Description         string
	SummaryText, DescriptionText string
	summary, description         string // with thresholdSlot
	Means                        string
	Do, Mitigate                 []string
	RunbookURL                   string // "" where the profile has none
	// Expects are the situations in which it is meant to fire.
	Expects []rules.Situation
	// Value is the compared expression, Op and Threshold what it is compared with; HasThreshold is false
	// where the condition is not a comparison with one number.
	Value        Expr
	Op           query.Comparison
	Threshold    float64
	HasThreshold bool
	// Board and Panel are where the value is shown, nil where NoPanel has the reason.
	Board   *Board
	Panel   *Panel
	NoPanel string
	// NoProof is the reason why obsgen prove cannot show that it fires, "" where it has to.
	NoProof string
}

// Reader is a panel or a rule that reads a series.
type Reader struct {
	Board *Board
	Panel *Panel
	Rule  *Rule
}

// Board is a dashboard.
type Board struct {
	UID         string
	Title       string
	Purpose     string
	Folder      string
	Tags        []string
	Owner       string
	Refresh     time.Duration // 0: none
	Last        time.Duration
	Variables   []Variable
	Rows        []Row
	Links       []Link
	Annotations []Annotation
	Site        diag.Site

	decl *dashboards.Board
}

// Panels returns the dashboard's panels in reading order; rows are not among them.
func (b *Board) Panels() []*Panel {
	var out []*Panel
	for _, r := range b.Rows {
		out = append(out, r.Panels...)
	}
	return out
}

// Row is a heading with the panels below it; without a title there is no heading.
type Row struct {
	ID        int // unique among the dashboard's rows and panels, from its title
	Title     string
	Collapsed bool
	Repeat    string // the variable by which the row repeats, "" for none
	Y         int    // of the heading
	Panels    []*Panel
}

// Grid is a place on the grid of 24 columns; a grid row is 30 pixels high.
type Grid struct{ X, Y, W, H int }

// Panel is a panel in its place.
type Panel struct {
	ID          int // unique in the dashboard, from its title
	Title       string
	Kind        dashboards.Kind
	Shows       string
	BadWhen     string
	Description string // both, and the alerts
	Grid        Grid
	Targets     []Target
	Unit        unit.Unit
	// Min and Max are the ends of the values' range where they are known.
	Min, Max   *float64
	Thresholds []Threshold
	// States are the meanings of values.
	States   []catalog.State
	Reduce   dashboards.Reduce
	Stack    bool
	LogScale bool
	NoGraph  bool
	Donut    bool
	Markdown string
	// Labels are the columns of labels that a table has, in order; Hidden are those it does not show.
	Labels, Hidden []string
	Links          []Link
	Alerts         []*Rule // those that are drawn on the panel
	Site           diag.Site

	decl *dashboards.Panel
}

// HasDown reports whether any query is drawn below zero.
func (p *Panel) HasDown() bool {
	return slices.ContainsFunc(p.Targets, func(t Target) bool { return t.Down })
}

// Threshold colours values from At upwards; with Below, up to At. Alert is the rule that brought it.
type Threshold struct {
	At    float64
	Level catalog.Level
	Below bool
	Alert *Rule
}

// Target is one query of a panel.
type Target struct {
	RefID string // A, B, …
	Expr  Expr
	// Source is the expression before recorded series were put into it.
	Source Expr
	// Legend names the series, with {{label}} for values. Of a table's column it is the heading.
	Legend  string
	Instant bool // asks for one moment
	Buckets bool // gives the buckets of a histogram
	Down    bool // drawn below zero
}

// Variable is a picker.
type Variable struct {
	Kind    dashboards.VariableKind
	Name    string
	Title   string
	Label   string // of LabelValues
	From    string // series that is searched for the label's values
	Options []string
	Single  bool
	// Targets is how many of the dashboard's selectors it filters or gives the window; 0 for those that
	// Grafana applies itself.
	Targets int
}

// Link leads to a dashboard (Board is set), one panel of it (Panel, too), or a page.
type Link struct {
	Title string
	Board *Board
	Panel *Panel
	URL   string
	// Set are the labels whose clicked value fills the target's variable of that name.
	Set []string
	// Carry are the variables that both dashboards have.
	Carry []string
}

// Annotation marks moments.
type Annotation struct {
	Title  string
	Expr   Expr
	Text   string // with {{label}} for values
	Level  catalog.Level
	Hidden bool
}
