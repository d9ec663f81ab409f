package docs

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/query"
	"github.com/obsgen/obsgen/unit"
)

func (w *writer) groupTable(p *page) {
	var rows [][]string
	for _, g := range w.plan.Catalog.Groups() {
		if w.described(g) {
			rows = append(rows, []string{link(g.Title, to(p, w.groups[g])), escape(g.Help), fmt.Sprint(len(g.Metrics())), owner(g.Owner)})
		}
	}
	p.table([]string{"Group", "What", "Metrics", "Owner"}, rows)
}

func (w *writer) metricIndex() *page {
	p := newPage(metricPage, "Metrics")
	p.para(link(w.plan.Title, to(p, indexPage)), fmt.Sprintf("· at worst one target exposes %d series.", w.plan.Catalog.SeriesPerTarget()))
	w.groupTable(p)
	for _, g := range w.plan.Catalog.Groups() {
		if w.described(g) {
			p.heading(2, g.Title)
			w.metricTable(p, g)
		}
	}
	return p
}

func (w *writer) metricTable(p *page, g *catalog.Group) {
	var rows [][]string
	for _, m := range g.Metrics() {
		if g.External && len(w.plan.Readers[m]) == 0 {
			continue
		}
		rows = append(rows, []string{w.metricRef(p, m), string(m.Kind), unitName(m.Unit), strings.Join(labelNames(m), ", "), escape(m.Help)})
	}
	p.table([]string{"Metric", "Type", "Unit", "Labels", "What"}, rows)
}

func unitName(u unit.Unit) string {
	if !u.IsKnown() {
		return "–"
	}
	return escape(u.String())
}

func labelNames(m *catalog.Metric) []string {
	var out []string
	for _, l := range m.Labels {
		out = append(out, mono(l.Name))
	}
	return out
}

// group is the reference of one group's metrics.
func (w *writer) group(g *catalog.Group) *page {
	p := newPage(w.groups[g], g.Title)
	p.para(link("Metrics", to(p, metricPage)), "· "+escape(g.Help))
	if g.External {
		p.para(fmt.Sprintf("%s itself does not write them: %s.", escape(w.plan.Title), "they come with every target, or from a library"))
	} else {
		p.para("Owner: " + owner(g.Owner) + ".")
	}
	w.metricTable(p, g)
	for _, m := range g.Metrics() {
		if !g.External || len(w.plan.Readers[m]) > 0 {
			w.metric(p, m)
		}
	}
	return p
}

func (w *writer) metric(p *page, m *catalog.Metric) {
	p.heading(2, m.Name)
	p.para(escape(m.Help))
	facts := []string{fmt.Sprintf("Type: %s, unit: %s", m.Kind, unitName(m.Unit))}
	add := func(format string, args ...any) { facts = append(facts, fmt.Sprintf(format, args...)) }
	if m.Classic() {
		bounds := make([]string, len(m.Buckets))
		for i, b := range m.Buckets {
			bounds[i] = m.Unit.Format(b)
		}
		add("Buckets: up to %s, and beyond", strings.Join(escaped(bounds), ", "))
	}
	if m.IsNative() {
		add("Native histogram, each bucket at most %s times as wide as the one before", strconv.FormatFloat(m.Native, 'g', -1, 64))
	}
	if !m.Range.IsZero() && len(m.States) == 0 {
		add("Values: %s", values(m))
	}
	if m.PartOf != nil {
		add("Counts a part of what %s counts", w.metricRef(p, m.PartOf.Series().Metric))
	}
	if m.Since != "" {
		add("Since %s", escape(m.Since))
	}
	if m.Deprecated != "" {
		add("**Deprecated**: %s", escape(m.Deprecated))
	}
	if m.Owner != "" && m.Owner != m.Group.Owner {
		add("Owner: %s", escape(m.Owner))
	}
	if !m.Group.External {
		add("At worst %s of one target", seriesCount(m.SeriesPerTarget()))
	}
	if m.Naming != "" {
		add("The name departs from the conventions: %s", escape(string(m.Naming)))
	}
	if m.Unwritten != "" {
		add("No code writes it: %s", escape(string(m.Unwritten)))
	}
	if m.Unread != "" {
		add("No panel and no alert reads it: %s", escape(string(m.Unread)))
	}
	p.bullets(facts...)
	var rows [][]string
	for _, l := range m.Labels {
		rows = append(rows, []string{mono(l.Name), escape(l.Help), labelValues(l)})
	}
	p.table([]string{"Label", "What", "Values"}, rows)
	rows = nil
	for _, s := range m.States {
		rows = append(rows, []string{strconv.FormatFloat(s.Value, 'g', -1, 64), escape(s.Name)})
	}
	p.table([]string{"Value", "Means"}, rows)
	if e := look(m, nil); e != nil {
		p.code("promql", query.Text(e, window, true))
	}
	if readers := w.readers(p, w.plan.Readers[m]); len(readers) > 0 {
		p.para("Read by:")
		p.bullets(readers...)
	}
}

func seriesCount(n int) string {
	if n == 1 {
		return "1 series"
	}
	return fmt.Sprintf("%d series", n)
}

func values(m *catalog.Metric) string {
	lo, hi := m.Range.Min, m.Range.Max
	switch {
	case hi-hi != 0 && lo-lo == 0:
		return escape(m.Unit.Format(lo)) + " or more"
	case lo-lo != 0 && hi-hi == 0:
		return "at most " + escape(m.Unit.Format(hi))
	}
	return escape(m.Unit.Format(lo)) + " to " + escape(m.Unit.Format(hi))
}

func labelValues(l *catalog.LabelDef) string {
	switch {
	case l.Closed():
		out := make([]string, len(l.Values))
		for i, v := range l.Values {
			out[i] = mono(v)
		}
		return strings.Join(out, ", ")
	case l.Pattern != "":
		return fmt.Sprintf("at most %d that match %s", l.Max, mono(l.Pattern))
	}
	return fmt.Sprintf("any, at most %d", l.Max)
}
