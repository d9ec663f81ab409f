// Package catalog says what a metric is: labels with typed values, label sets, counters, gauges and
// histograms, in groups. A metric reads like a line of a data sheet and is the one place where its
// name, labels, unit and buckets are written. Standard library only.
//
// Declarations never panic and never return errors: what is wrong with them is collected and reported
// by Check, with the Go file and line of each.
package catalog

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"github.com/obsgen/obsgen/diag"
)

// Group holds metrics that belong together, such as those of one protocol. Groups are held by pointer
// and read when a command runs: package variables are initialised by dependency, so a group that is
// read in an initialiser may still be empty.
type Group struct {
	Title string
	GroupSpec
	Site diag.Site

	metrics []*Metric

	sorting sync.Mutex
	sorted  []*Metric // metrics in the order of the source, where it has as many
}

// GroupSpec is the data sheet of a group.
type GroupSpec struct {
	// Help says what the group measures, in one sentence: "What clients asked for, and how it went."
	Help string
	// Owner is the team that answers for the metrics: "mockforge-core".
	Owner string
	// External marks metrics that others write; they are checked in queries, not as declarations.
	External bool
	// Synthetic marks series that Prometheus makes itself, without the labels of a scraped target.
	Synthetic bool
	// OpenLabels says that series can carry labels that are not declared, where the metrics were read from a sample.
	OpenLabels bool
}

// Whatever takes its caller's position is marked go:noinline, here and in the other files: a call that
// the compiler inlines into the initialiser of a package variable has no line in the program's tables.

// NewGroup declares a group. Title is a heading: "Requests".
//
//go:noinline
func NewGroup(title string, spec GroupSpec) *Group {
	g := &Group{Title: title, GroupSpec: spec, Site: diag.Here(0)}
	return diag.Declare(title, g, g.Site)
}

// Metrics returns the group's metrics in the order in which the source declares them.
func (g *Group) Metrics() []*Metric {
	g.sorting.Lock()
	defer g.sorting.Unlock()
	if len(g.sorted) != len(g.metrics) {
		g.sorted = inSourceOrder(g.metrics)
	}
	return slices.Clone(g.sorted)
}

func inSourceOrder(ms []*Metric) []*Metric {
	type placed struct {
		m    *Metric
		file string
		line int
	}
	ps := make([]placed, len(ms))
	for i, m := range ms {
		file, line := m.Site.Order()
		ps[i] = placed{m, file, line}
	}
	// Initialisation follows dependencies; readers expect the order of the file.
	slices.SortStableFunc(ps, func(a, b placed) int {
		return cmp.Or(strings.Compare(a.file, b.file), cmp.Compare(a.line, b.line))
	})
	out := make([]*Metric, len(ps))
	for i, p := range ps {
		out[i] = p.m
	}
	return out
}

// Catalog is the metrics of one service, and those of others that its queries read.
type Catalog struct {
	Name string
	Spec CatalogSpec
	Site diag.Site

	groups []*Group
}

// CatalogSpec is the data sheet of a catalog.
type CatalogSpec struct {
	// Prefix begins every name of the catalog's own metrics: "mockforge_". Empty: no rule.
	Prefix string
	// Groups are the catalog's groups, in the order of the documentation.
	Groups []*Group
}

// New declares a catalog.
//
//go:noinline
func New(name string, spec CatalogSpec) *Catalog {
	groups := slices.DeleteFunc(slices.Clone(spec.Groups), func(g *Group) bool { return g == nil })
	c := &Catalog{Name: name, Spec: spec, Site: diag.Here(0), groups: groups}
	return diag.Declare(name, c, c.Site)
}

// Groups returns the groups in the order of their declaration.
func (c *Catalog) Groups() []*Group { return c.groups }

// Metrics returns all metrics, group by group.
func (c *Catalog) Metrics() []*Metric {
	var out []*Metric
	for _, g := range c.groups {
		out = append(out, g.Metrics()...)
	}
	return out
}

// Own returns the metrics that the service itself writes: those of groups that are not External.
func (c *Catalog) Own() []*Metric {
	var out []*Metric
	for _, g := range c.groups {
		if !g.External {
			out = append(out, g.Metrics()...)
		}
	}
	return out
}

// Index returns the series names of the catalog: the names of counters, gauges and native histograms,
// and the _bucket, _sum and _count of classic ones.
func (c *Catalog) Index() map[string]Series {
	out := map[string]Series{}
	for _, m := range c.Metrics() {
		for _, s := range m.AllSeries() {
			if _, ok := out[s.Name()]; !ok {
				out[s.Name()] = s
			}
		}
	}
	return out
}

// SeriesPerTarget returns the worst-case number of series that one scraped target exposes: the sum over
// the catalog's own metrics.
func (c *Catalog) SeriesPerTarget() int {
	n := 0
	for _, m := range c.Own() {
		n = saturatingAdd(n, m.SeriesPerTarget())
	}
	return n
}
