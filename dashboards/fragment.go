package dashboards

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/query"
	"github.com/obsgen/obsgen/unit"
)

// OfMetric returns the panels that show a metric of which nothing is known but its data sheet: a counter's rate by its
// labels, a gauge by its labels, a histogram's percentiles and its heatmap. title is what it is called. What is wrong with
// them is told of the metric's place.
func OfMetric(m *catalog.Metric, title string) []*Panel {
	panels := ofMetric(m, title)
	for _, p := range panels {
		p.Site = m.Site
	}
	return panels
}

func ofMetric(m *catalog.Metric, title string) []*Panel {
	by, names := shownBy(m)
	words := ""
	if len(names) > 0 {
		words = ", by " + strings.Join(names, " and ")
	}
	legend := func() Legend {
		if len(by) == 0 {
			return Named(strings.ToLower(title))
		}
		return By(by...)
	}
	shows := strings.TrimSuffix(m.Help, ".")
	switch {
	case m.Kind == catalog.KindCounter:
		return []*Panel{NewTimeSeries(title, TimeSeries{
			Shows: shows + ", per second" + words + ".", BadWhen: "It jumps, or stops, while the load stays the same.",
			Query: query.Rate(catalog.Counter[catalog.None]{Metric: m}).Sum(by...), Legend: legend(), Stack: len(by) > 0,
		})}
	case m.Kind == catalog.KindHistogram:
		h := catalog.Histogram[catalog.None]{Metric: m}
		percentiles := NewTimeSeries(title, TimeSeries{
			Shows: shows + ": half, 95 and 99 of 100 are below.", BadWhen: "The lines part: a few are far from the rest.",
			Series: []Series{
				{Query: query.Quantile(0.5, h), Legend: Named("half")}, {Query: query.Quantile(0.95, h), Legend: Named("95 of 100")},
				{Query: query.Quantile(0.99, h), Legend: Named("99 of 100")},
			},
		})
		return []*Panel{percentiles, NewHeatmap(title+", all", Heatmap{
			Shows: shows + ": how many there are of which value.", BadWhen: "A second band appears, or the band moves.", Of: h,
		})}
	}
	v := query.Select(catalog.Gauge[catalog.None]{Metric: m})
	if len(m.States) > 0 {
		by = append(by, catalog.Instance)
		return []*Panel{NewStateTimeline(title, StateTimeline{
			Shows: shows + words + ".", BadWhen: "A state that is not meant lasts.", Query: v.Max(by...), Legend: By(by...),
		})}
	}
	bad := "It grows without end, or falls to nothing."
	if m.Unit.Noun() != "" || m.Unit.IsBytes() {
		return []*Panel{NewTimeSeries(title, TimeSeries{Shows: shows + ", of all instances" + words + ".", BadWhen: bad, Query: v.Sum(by...), Legend: legend()})}
	}
	return []*Panel{NewTimeSeries(title, TimeSeries{Shows: shows + ", the largest of all instances" + words + ".", BadWhen: bad, Query: v.Max(by...), Legend: legend()})}
}

// shownBy returns the labels that a panel keeps: two at most, those with a closed set of values first.
func shownBy(m *catalog.Metric) (by []catalog.AnyLabel, names []string) {
	for _, closed := range []bool{true, false} {
		for _, l := range m.Labels {
			if l.Closed() == closed && len(by) < 2 {
				by, names = append(by, l), append(names, strings.ReplaceAll(l.Name, "_", " "))
			}
		}
	}
	return by, names
}

// OfFragment returns the dashboard of a fragment, such as that of a plugin: every metric that it has. uid and title are the
// dashboard's.
func OfFragment(uid, title string, f *catalog.Catalog) *Board {
	var rows []Row
	for _, g := range f.Groups() {
		row := Row{Title: g.Title}
		for _, m := range g.Metrics() {
			row.Panels = append(row.Panels, OfMetric(m, titleOf(f, m))...)
		}
		rows = append(rows, row)
	}
	purpose := "What does " + f.Name + " do, and does it do it well?"
	owner := ""
	if gs := f.Groups(); len(gs) > 0 {
		owner = gs[0].Owner
	}
	b := New(uid, Dashboard{
		Title: title, Purpose: purpose, Owner: owner,
		Variables: []Variable{Values(catalog.Job).Titled("Job"), Values(catalog.Instance).Titled("Instance")}, Rows: rows,
	})
	b.Site = f.Site
	return b
}

// OfFragments returns the dashboard of all fragments together: on how many instances each is loaded, the panels that the
// project adds, and of each fragment what its first metric shows, from where a link leads to its own dashboard. uidOf
// returns the uid of that.
func OfFragments(uid, title string, top []*Panel, fs []*catalog.Catalog, uidOf func(*catalog.Catalog) string) *Board {
	loaded := Stat{Shows: "Instances that expose the metrics of each plugin.", BadWhen: "Fewer than the instances that are up: the plugin was not loaded on some."}
	var rows []Row
	for _, f := range fs {
		own := f.Own()
		if len(own) == 0 {
			continue
		}
		present := query.Select(first(own)).Count(catalog.Instance).Count()
		loaded.Series = append(loaded.Series, Series{Query: present, Legend: Named(f.Name)})
		links := []Link{{Title: "All of " + f.Name, Dashboard: uidOf(f)}}
		panels := OfMetric(own[0], titleOf(f, own[0]))[:1]
		panels[0].Links = links
		rows = append(rows, Row{Title: f.Groups()[0].Title, Panels: panels})
	}
	head := Row{Title: "All plugins", Panels: append([]*Panel{NewStat("Loaded on", loaded)}, top...)}
	return New(uid, Dashboard{
		Title: title, Purpose: "Which plugins are loaded, and what do they do?",
		Variables: []Variable{Values(catalog.Job).Titled("Job"), Values(catalog.Instance).Titled("Instance")},
		Rows:      append([]Row{head}, rows...),
	})
}

// first returns what tells whether a fragment is loaded: of a histogram, its count.
func first(own []*catalog.Metric) query.Selectable {
	for _, m := range own {
		if m.Kind == catalog.KindGauge || m.Kind == catalog.KindCounter && (len(m.Labels) == 0 || m.Initialised) {
			return catalog.Gauge[catalog.None]{Metric: m}
		}
	}
	if m := own[0]; m.Classic() {
		return catalog.Histogram[catalog.None]{Metric: m}.Count()
	}
	return catalog.Gauge[catalog.None]{Metric: own[0]}
}

// titleOf returns what a metric is called among those of its fragment: its name without what all have, and without its unit.
func titleOf(f *catalog.Catalog, m *catalog.Metric) string {
	name := strings.TrimSuffix(strings.TrimPrefix(m.Name, f.Spec.Prefix), "_total")
	if u, ok := m.Unit.Name(); ok && u != "" && m.Unit != unit.One {
		if short := strings.TrimSuffix(name, "_"+u); short != "" {
			name = short
		}
	}
	name = strings.ReplaceAll(name, "_", " ")
	r, size := utf8.DecodeRuneInString(name)
	return string(unicode.ToUpper(r)) + name[size:]
}
