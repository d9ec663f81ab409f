// Package dashboards declares Grafana dashboards over typed queries. A literal says what a person wants
// to know; units, ref ids, grid positions, data sources, panel ids and the thresholds of alerts are
// derived when the project is planned.
package dashboards

import (
	"time"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/query"
)

// Board is a declared dashboard.
type Board struct {
	UID string
	Dashboard
	Site diag.Site
}

// Dashboard is the data sheet of a dashboard.
type Dashboard struct {
	// Title is shown in lists and as the heading: "MockForge / Overview".
	Title string
	// Purpose is the question that the dashboard answers: "Is the server well, and if not, since when?"
	Purpose string
	// Folder is the folder in Grafana; empty: the project's title.
	Folder string
	// Tags are added to the project's own.
	Tags []string
	// Refresh is how often open dashboards ask again; 0: only by hand.
	Refresh time.Duration
	// Last is the time range that is shown first, up to now; 0: one hour.
	Last time.Duration
	// Window is the window of the panels' rates, for the panels that set none; 0: Grafana's
	// $__rate_interval, which follows the zoom.
	Window time.Duration
	// Keep are target labels that aggregations of the panels keep, besides those they name, as those of a
	// group of rules do: a panel then reads the very series that alerts compare. Each needs a variable with a
	// single choice, so that no two lines of a panel have the same name.
	Keep []catalog.AnyLabel
	// Variables are the pickers above the panels, besides that of the data source. A variable of a label's
	// values filters every query over metrics that have the label. One of durations is the window of the
	// panels that set none.
	Variables []Variable
	Rows      []Row
	// Links stand above the panels and lead to other dashboards.
	Links       []Link
	Annotations []Annotation
	// Owner is the team that answers for the dashboard; empty: the project's.
	Owner string
}

// New declares a dashboard. The uid is its stable address in Grafana: "mockforge-overview".
//
//go:noinline
func New(uid string, d Dashboard) *Board { return &Board{UID: uid, Dashboard: d, Site: diag.Here(0)} }

// Row is a heading with the panels below it. A row without a title adds no heading.
type Row struct {
	Title string
	// Collapsed hides the panels until the reader opens the row; their queries wait until then.
	Collapsed bool
	// Repeat makes one row for each value of a label that is a variable of the dashboard.
	Repeat catalog.AnyLabel
	Panels []*Panel
}

// Variable is a picker above the panels.
type Variable struct {
	Kind VariableKind
	Name string
	// Title is what the picker is called; empty: the name.
	Title string
	// Label is the label whose values are offered, of a Values variable.
	Label *catalog.LabelDef
	// From is the metric whose series are searched for the values; nil: the first of the dashboard's
	// metrics that has the label.
	From *catalog.Metric
	// Options are the choices of a custom variable, Durations those of an interval.
	Options   []string
	Durations []time.Duration
	// Single allows only one choice; by default several and all can be chosen.
	Single bool
	Site   diag.Site
}

// VariableKind is what a variable offers.
type VariableKind string

// The kinds of variables, besides that of the data source, which every dashboard has.
const (
	LabelValues VariableKind = "query"
	CustomList  VariableKind = "custom"
	Intervals   VariableKind = "interval"
	Filters     VariableKind = "adhoc"
)

// Values offers the values that a label has in the data.
//
//go:noinline
func Values(l catalog.AnyLabel) Variable {
	return Variable{Kind: LabelValues, Name: l.Def().Name, Label: l.Def(), Site: diag.Here(0)}
}

// ValuesOf offers the values that a label has in the series of one metric.
//
//go:noinline
func ValuesOf(l catalog.AnyLabel, from catalog.AnyMetric) Variable {
	return Variable{Kind: LabelValues, Name: l.Def().Name, Label: l.Def(), From: from.Def(), Site: diag.Here(0)}
}

// Custom offers a list of texts.
//
//go:noinline
func Custom(name string, options ...string) Variable {
	return Variable{Kind: CustomList, Name: name, Options: options, Site: diag.Here(0)}
}

// Zoom is the window of a panel that follows the zoom of its graph, Grafana's $__rate_interval, on a dashboard whose other
// panels have a window or a variable for it.
const Zoom time.Duration = -1

// Interval offers durations for the window of the dashboard's rates and counts; the first is chosen first.
//
//go:noinline
func Interval(name string, ds ...time.Duration) Variable {
	return Variable{Kind: Intervals, Name: name, Durations: ds, Single: true, Site: diag.Here(0)}
}

// AdHoc offers filters by any label, which Grafana adds to every query itself.
//
//go:noinline
func AdHoc(name string) Variable { return Variable{Kind: Filters, Name: name, Site: diag.Here(0)} }

// Titled returns the variable with a title.
func (v Variable) Titled(title string) Variable {
	v.Title = title
	return v
}

// OneAtATime returns the variable for a single choice.
func (v Variable) OneAtATime() Variable {
	v.Single = true
	return v
}

// Link leads to a dashboard, a panel or a page. Variables and time range are carried over to dashboards.
type Link struct {
	Title string
	// Dashboard is the uid of the dashboard to open. A constant names it once, for the declaration and
	// for all who link to it; two dashboards can so link to each other.
	Dashboard string
	// Panel is the panel to open alone.
	Panel *Panel
	// URL is any other address.
	URL string
	// Set fills variables of the target with the label values of the series that was clicked.
	Set []catalog.AnyLabel
}

// Annotation marks moments on all time series of a dashboard.
type Annotation struct {
	Title string
	// On is true at the moments that are marked: its series are the marks.
	On query.Condition
	// Text says what happened; labels are filled in: By(external.AlertName).
	Text  Legend
	Level catalog.Level
	// Hidden needs a click to show.
	Hidden bool
}

// Legend names the series of a query: a text, the values of labels, or both.
type Legend struct {
	Text   string
	Labels []*catalog.LabelDef
}

// By names series by the values of labels.
func By(ls ...catalog.AnyLabel) Legend { return Legend{}.By(ls...) }

// Named names the one series of a query.
func Named(text string) Legend { return Legend{Text: text} }

// By adds the values of labels after the text.
func (l Legend) By(ls ...catalog.AnyLabel) Legend {
	out := Legend{Text: l.Text}
	out.Labels = append(out.Labels, l.Labels...)
	for _, x := range ls {
		out.Labels = append(out.Labels, x.Def())
	}
	return out
}

// IsZero reports whether nothing was said; then the legend follows from the labels of the result.
func (l Legend) IsZero() bool { return l.Text == "" && len(l.Labels) == 0 }
