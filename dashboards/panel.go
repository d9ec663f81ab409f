package dashboards

import (
	"time"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/query"
	"github.com/obsgen/obsgen/unit"
)

// Kind is how a panel draws, by Grafana's id of the visualization.
type Kind string

// The panel kinds.
const (
	KindStat          Kind = "stat"
	KindGauge         Kind = "gauge"
	KindTimeSeries    Kind = "timeseries"
	KindBarGauge      Kind = "bargauge"
	KindTable         Kind = "table"
	KindPie           Kind = "piechart"
	KindHeatmap       Kind = "heatmap"
	KindStateTimeline Kind = "state-timeline"
	KindHistogram     Kind = "histogram"
	KindText          Kind = "text"
)

// Panel is a declared panel of any kind, as the constructors make it from a kind's literal.
type Panel struct {
	Title string
	Kind  Kind
	Site  diag.Site
	Common
	Series []Series
	// What only some kinds have; the kinds' literals document them.
	Levels   []Threshold
	Reduce   Reduce
	Stack    bool
	LogScale bool
	NoGraph  bool
	Donut    bool
	Markdown string
}

// Common is what every panel with data has. It is filled from the kinds' literals.
type Common struct {
	Shows   string
	BadWhen string
	Width   int
	Height  int
	// Window is that of the panel's rates; 0: that of the dashboard, or of its variable of durations; Zoom: neither.
	Window time.Duration
	Links  []Link
	ShowAs unit.Unit
	// ShowAsWhy is the reason for ShowAs.
	ShowAsWhy diag.Waiver
}

// Series is one query of a panel, with the name of its series.
type Series struct {
	Query  query.Vector
	Legend Legend
	// Down draws the series below zero: received against sent.
	Down bool
}

// Threshold colours values from At upwards (or, with Below, downwards) on a panel to which no alert belongs.
// At is in the unit of the query.
type Threshold struct {
	At    float64
	Level catalog.Level
	Below bool
}

// Reduce is how a series becomes one number, by Grafana's id of the calculation.
type Reduce string

// The reductions. The usual is Newest.
const (
	Newest  Reduce = "lastNotNull"
	Mean    Reduce = "mean"
	Largest Reduce = "max"
	Least   Reduce = "min"
	Total   Reduce = "sum"
)

// TimeSeries is the data sheet of lines over time.
type TimeSeries struct {
	Shows   string // what the lines are: "Requests finished per second, by protocol."
	BadWhen string // what a bad value means: "One protocol falls to zero: its listener died."

	Query  query.Vector // the one query, or
	Legend Legend
	Series []Series // several

	Stack    bool // areas on top of each other: parts of a sum
	LogScale bool // for values over several powers of ten

	Levels    []Threshold // colours, where no alert brings its own threshold
	Width     int         // grid columns of 24; 0: as the row has room
	Height    int         // grid rows of 30 pixels; 0: the usual
	Window    time.Duration
	Links     []Link
	ShowAs    unit.Unit // another unit than the inferred one, and why
	ShowAsWhy diag.Waiver
}

// NewTimeSeries declares lines over time.
//
//go:noinline
func NewTimeSeries(title string, t TimeSeries) *Panel {
	return &Panel{Title: title, Kind: KindTimeSeries, Site: diag.Here(0), Common: Common{t.Shows, t.BadWhen, t.Width, t.Height, t.Window, t.Links, t.ShowAs, t.ShowAsWhy},
		Series: oneOrMany(t.Query, t.Legend, t.Series), Stack: t.Stack, LogScale: t.LogScale, Levels: t.Levels}
}

// Stat is the data sheet of one large number per series.
type Stat struct {
	Shows   string
	BadWhen string

	Query  query.Vector
	Legend Legend
	Series []Series

	Reduce  Reduce
	NoGraph bool // no small graph behind the number

	Levels    []Threshold
	Width     int
	Height    int
	Window    time.Duration
	Links     []Link
	ShowAs    unit.Unit
	ShowAsWhy diag.Waiver
}

// NewStat declares a large number.
//
//go:noinline
func NewStat(title string, s Stat) *Panel {
	return &Panel{Title: title, Kind: KindStat, Site: diag.Here(0), Common: Common{s.Shows, s.BadWhen, s.Width, s.Height, s.Window, s.Links, s.ShowAs, s.ShowAsWhy},
		Series: oneOrMany(s.Query, s.Legend, s.Series), Reduce: s.Reduce, NoGraph: s.NoGraph, Levels: s.Levels}
}

// Gauge is the data sheet of a dial between the ends of the value's range, which must be known.
type Gauge struct {
	Shows   string
	BadWhen string

	Query  query.Vector
	Legend Legend

	Reduce Reduce

	Levels    []Threshold
	Width     int
	Height    int
	Window    time.Duration
	Links     []Link
	ShowAs    unit.Unit
	ShowAsWhy diag.Waiver
}

// NewGauge declares a dial.
//
//go:noinline
func NewGauge(title string, g Gauge) *Panel {
	return &Panel{Title: title, Kind: KindGauge, Site: diag.Here(0), Common: Common{g.Shows, g.BadWhen, g.Width, g.Height, g.Window, g.Links, g.ShowAs, g.ShowAsWhy},
		Series: oneOrMany(g.Query, g.Legend, nil), Reduce: g.Reduce, Levels: g.Levels}
}

// BarGauge is the data sheet of one bar per series, for comparing them now.
type BarGauge struct {
	Shows   string
	BadWhen string

	Query  query.Vector
	Legend Legend

	Reduce Reduce

	Levels    []Threshold
	Width     int
	Height    int
	Window    time.Duration
	Links     []Link
	ShowAs    unit.Unit
	ShowAsWhy diag.Waiver
}

// NewBarGauge declares bars.
//
//go:noinline
func NewBarGauge(title string, g BarGauge) *Panel {
	return &Panel{Title: title, Kind: KindBarGauge, Site: diag.Here(0), Common: Common{g.Shows, g.BadWhen, g.Width, g.Height, g.Window, g.Links, g.ShowAs, g.ShowAsWhy},
		Series: oneOrMany(g.Query, g.Legend, nil), Reduce: g.Reduce, Levels: g.Levels}
}

// Column is one column of numbers in a table; the columns of labels come from the queries.
type Column struct {
	Title string
	Query query.Vector
}

// Table is the data sheet of numbers now, one line per combination of labels. The columns' queries must
// have the same labels; the lines are sorted by the first column, largest first.
type Table struct {
	Shows   string
	BadWhen string

	Columns []Column

	Levels []Threshold // colour the first column
	Width  int
	Height int
	Window time.Duration
	Links  []Link
}

// NewTable declares a table.
//
//go:noinline
func NewTable(title string, t Table) *Panel {
	p := &Panel{Title: title, Kind: KindTable, Site: diag.Here(0), Common: Common{Shows: t.Shows, BadWhen: t.BadWhen, Width: t.Width, Height: t.Height, Window: t.Window, Links: t.Links}, Levels: t.Levels}
	for _, c := range t.Columns {
		p.Series = append(p.Series, Series{Query: c.Query, Legend: Named(c.Title)})
	}
	return p
}

// Pie is the data sheet of shares of a sum, for a handful of series at most.
type Pie struct {
	Shows   string
	BadWhen string

	Query  query.Vector
	Legend Legend

	Reduce Reduce
	Donut  bool

	Width     int
	Height    int
	Window    time.Duration
	Links     []Link
	ShowAs    unit.Unit
	ShowAsWhy diag.Waiver
}

// NewPie declares a pie chart.
//
//go:noinline
func NewPie(title string, p Pie) *Panel {
	return &Panel{Title: title, Kind: KindPie, Site: diag.Here(0), Common: Common{p.Shows, p.BadWhen, p.Width, p.Height, p.Window, p.Links, p.ShowAs, p.ShowAsWhy},
		Series: oneOrMany(p.Query, p.Legend, nil), Reduce: p.Reduce, Donut: p.Donut}
}

// Heatmap is the data sheet of a histogram's buckets over time.
type Heatmap struct {
	Shows   string
	BadWhen string

	// Of is the histogram; Where narrows its series.
	Of    catalog.Observes
	Where []catalog.Matcher

	Width  int
	Height int
	Window time.Duration
	Links  []Link
}

// NewHeatmap declares a heatmap.
//
//go:noinline
func NewHeatmap(title string, h Heatmap) *Panel {
	q := query.Buckets(h.Of)
	if len(h.Where) > 0 {
		q = q.Where(h.Where...)
	}
	return &Panel{Title: title, Kind: KindHeatmap, Site: diag.Here(0), Common: Common{Shows: h.Shows, BadWhen: h.BadWhen, Width: h.Width, Height: h.Height, Window: h.Window, Links: h.Links},
		Series: []Series{{Query: q}}}
}

// StateTimeline is the data sheet of states over time, one band per series. The metric's States give
// texts and colours.
type StateTimeline struct {
	Shows   string
	BadWhen string

	Query  query.Vector
	Legend Legend

	Levels []Threshold
	Width  int
	Height int
	Window time.Duration
	Links  []Link
}

// NewStateTimeline declares bands of states.
//
//go:noinline
func NewStateTimeline(title string, s StateTimeline) *Panel {
	return &Panel{Title: title, Kind: KindStateTimeline, Site: diag.Here(0), Common: Common{Shows: s.Shows, BadWhen: s.BadWhen, Width: s.Width, Height: s.Height, Window: s.Window, Links: s.Links},
		Series: oneOrMany(s.Query, s.Legend, nil), Levels: s.Levels}
}

// Histogram is the data sheet of how the values of a query's series are distributed over the time range.
type Histogram struct {
	Shows   string
	BadWhen string

	Query  query.Vector
	Legend Legend

	Width     int
	Height    int
	Window    time.Duration
	Links     []Link
	ShowAs    unit.Unit
	ShowAsWhy diag.Waiver
}

// NewHistogram declares a distribution of values.
//
//go:noinline
func NewHistogram(title string, h Histogram) *Panel {
	return &Panel{Title: title, Kind: KindHistogram, Site: diag.Here(0), Common: Common{h.Shows, h.BadWhen, h.Width, h.Height, h.Window, h.Links, h.ShowAs, h.ShowAsWhy},
		Series: oneOrMany(h.Query, h.Legend, nil)}
}

// NewText declares a panel of Markdown.
//
//go:noinline
func NewText(title, markdown string) *Panel {
	return &Panel{Title: title, Kind: KindText, Site: diag.Here(0), Markdown: markdown}
}

func oneOrMany(q query.Vector, l Legend, many []Series) []Series {
	if q.IsZero() {
		return many
	}
	return append([]Series{{Query: q, Legend: l}}, many...)
}
