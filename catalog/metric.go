package catalog

import (
	"math"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/unit"
)

// Kind is a metric's type, in the words of the exposition format.
type Kind string

// The kinds of metric.
const (
	KindCounter   Kind = "counter"
	KindGauge     Kind = "gauge"
	KindHistogram Kind = "histogram"
	// KindUntyped is that of a metric which was read from a server that does not say what it is: it may be any other.
	KindUntyped Kind = "untyped"
)

// Range is the values that a gauge can take, both ends included. The zero Range is unknown.
type Range struct{ Min, Max float64 }

// IsZero reports whether nothing is known.
func (r Range) IsZero() bool { return r == Range{} }

// AtLeast returns the range from min without an upper end.
func AtLeast(min float64) Range { return Range{min, math.Inf(1)} }

// Level says how good a state is, for its colour.
type Level int

// The levels of a state, from good to bad.
const (
	Neutral Level = iota
	Good
	Caution
	Bad
)

// State is the meaning of one value of a gauge: {0, "healthy", Good}.
type State struct {
	Value float64
	Name  string
	Level Level
}

// Spec is the data sheet of a metric. A zero field means "the usual".
type Spec struct {
	// Help says what is measured, as a sentence: "Requests finished, of every protocol."
	Help string
	// Unit is the unit of a value; of a histogram, that of an observation.
	Unit unit.Unit
	// Buckets are the upper bounds of a classic histogram, ascending, without +Inf.
	Buckets []float64
	// Native is the growth factor of a native histogram's buckets, such as 1.1; 0: not native. With
	// Buckets as well the histogram is exposed in both forms.
	Native float64
	// Range is the values that a gauge can take.
	Range Range
	// States are the meanings of a gauge's values. They become value mappings.
	States []State
	// PartOf is the counter that counts every event that this one counts, too, and has the labels that
	// both share: the errors are part of the requests. A share may be taken of it.
	PartOf CountsUp
	// Initialised says that the service begins the series of every combination of closed labels at 0 when it starts, so
	// that the first event is seen as growth. See
	// https://prometheus.io/docs/practices/instrumentation/#avoid-missing-metrics.
	Initialised bool
	// Since is the version that brought the metric, Deprecated the one that will drop it and what to use.
	Since, Deprecated string
	// Owner is the team that answers for the metric; empty: the group's.
	Owner string

	// Unwritten is the reason why no code writes the metric.
	Unwritten diag.Waiver
	// Unread is the reason why no panel and no alert reads it.
	Unread diag.Waiver
	// Naming is the reason why the name departs from the conventions of
	// https://prometheus.io/docs/practices/naming/.
	Naming diag.Waiver
}

// Metric is one metric of a catalog, without the types of its labels. Its series carry Labels and, once
// scraped, Job and Instance.
type Metric struct {
	Name   string
	Kind   Kind
	Labels []*LabelDef
	Spec
	Group *Group
	Site  diag.Site
}

// Def returns the metric itself.
func (m *Metric) Def() *Metric { return m }

// AnyMetric is a metric of whatever kind and labels.
type AnyMetric interface{ Def() *Metric }

// Declare adds a metric of any kind to a group: what NewCounter, NewGauge and NewHistogram do, for
// catalogs that are read at run time.
//
//go:noinline
func Declare(g *Group, kind Kind, name string, labels []*LabelDef, spec Spec) *Metric {
	return declare(g, kind, name, labels, spec, diag.Here(0))
}

func declare(g *Group, kind Kind, name string, labels []*LabelDef, spec Spec, site diag.Site) *Metric {
	if g == nil {
		g = &Group{Site: site} // of no catalog: whoever reads the metric is told so
	}
	m := &Metric{Name: name, Kind: kind, Spec: spec, Group: g, Site: site}
	for _, l := range labels {
		m.Labels = append(m.Labels, l.Def())
	}
	g.metrics = append(g.metrics, m)
	return m
}

// OwnedBy returns the team that answers for the metric.
func (m *Metric) OwnedBy() string {
	if m.Owner != "" {
		return m.Owner
	}
	return m.Group.Owner
}

// Label returns the metric's own label of a name, nil where it has none.
func (m *Metric) Label(name string) *LabelDef {
	for _, l := range m.Labels {
		if l.Name == name {
			return l
		}
	}
	return nil
}

// Classic and IsNative report which forms a histogram has.
func (m *Metric) Classic() bool { return m.Kind == KindHistogram && len(m.Buckets) > 0 }

// IsNative reports whether a histogram is exposed as a native one.
func (m *Metric) IsNative() bool { return m.Kind == KindHistogram && m.Native > 0 }

// Combinations returns the worst-case number of label combinations that one target writes.
func (m *Metric) Combinations() int {
	n := 1
	for _, l := range m.Labels {
		n = saturatingMul(n, max(l.Max, 1))
	}
	return n
}

// SeriesPerTarget returns the worst-case number of series that one target exposes: the product of the
// labels' bounds, for a classic histogram times its buckets with +Inf, sum and count.
func (m *Metric) SeriesPerTarget() int {
	per := 0
	if m.Kind != KindHistogram || m.IsNative() {
		per++
	}
	if m.Classic() {
		per += len(m.Buckets) + 3
	}
	return saturatingMul(m.Combinations(), per)
}

func saturatingMul(a, b int) int {
	if b != 0 && a > math.MaxInt/b {
		return math.MaxInt
	}
	return a * b
}

func saturatingAdd(a, b int) int {
	if a > math.MaxInt-b {
		return math.MaxInt
	}
	return a + b
}

// Series is one name under which a metric's series appear: the metric's own, or that of a classic
// histogram's buckets, sum or count.
type Series struct {
	Metric *Metric
	Suffix string // "", "_bucket", "_sum" or "_count"
}

// Name returns the series' name.
func (s Series) Name() string { return s.Metric.Name + s.Suffix }

// AllSeries returns the names under which the metric's series appear.
func (m *Metric) AllSeries() []Series {
	if m.Kind != KindHistogram {
		return []Series{{m, ""}}
	}
	var out []Series
	if m.IsNative() {
		out = append(out, Series{m, ""})
	}
	if m.Classic() {
		out = append(out, Series{m, "_bucket"}, Series{m, "_sum"}, Series{m, "_count"})
	}
	return out
}

// CountsUp is what a rate can be taken of: a counter, or a histogram's count or sum.
type CountsUp interface {
	Series() Series
	countsUp()
}

// MovesFreely is what a difference can be taken of: a gauge.
type MovesFreely interface {
	Series() Series
	movesFreely()
}

// Observes is what a quantile can be taken of: a histogram.
type Observes interface {
	Def() *Metric
	observes()
}

// Counter is a counter with the label set S.
type Counter[S LabelSet] struct{ *Metric }

// NewCounter declares a counter: a number of events that only grows, until a restart.
//
//go:noinline
func NewCounter[S LabelSet](g *Group, name string, labels S, spec Spec) Counter[S] {
	return Counter[S]{declare(g, KindCounter, name, labels.Defs(), spec, diag.Here(0))}
}

// Series returns the counter's series.
func (c Counter[S]) Series() Series { return Series{c.Metric, ""} }
func (Counter[S]) countsUp()        {}

// Gauge is a gauge with the label set S.
type Gauge[S LabelSet] struct{ *Metric }

// NewGauge declares a gauge: a value that goes up and down.
//
//go:noinline
func NewGauge[S LabelSet](g *Group, name string, labels S, spec Spec) Gauge[S] {
	return Gauge[S]{declare(g, KindGauge, name, labels.Defs(), spec, diag.Here(0))}
}

// Series returns the gauge's series.
func (g Gauge[S]) Series() Series { return Series{g.Metric, ""} }
func (Gauge[S]) movesFreely()     {}

// Histogram is a histogram with the label set S.
type Histogram[S LabelSet] struct{ *Metric }

// NewHistogram declares a histogram: observations counted in buckets, classic, native or both.
//
//go:noinline
func NewHistogram[S LabelSet](g *Group, name string, labels S, spec Spec) Histogram[S] {
	return Histogram[S]{declare(g, KindHistogram, name, labels.Defs(), spec, diag.Here(0))}
}

func (Histogram[S]) observes() {}

// Count returns the number of observations, a counter.
func (h Histogram[S]) Count() Counting { return Counting{Series{h.Metric, "_count"}} }

// Sum returns the sum of all observations, a counter where none is negative.
func (h Histogram[S]) Sum() Counting { return Counting{Series{h.Metric, "_sum"}} }

// Counting is a part of a histogram that only grows.
type Counting struct{ series Series }

// Series returns the part's series.
func (c Counting) Series() Series { return c.series }
func (Counting) countsUp()        {}
