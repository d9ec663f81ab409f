// Package perses writes the dashboards of a plan for Perses, and says what has no counterpart there.
//
// There is no promise of compatibility before 1.0.
package perses

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/dashboards"
	"github.com/obsgen/obsgen/plan"
	"github.com/obsgen/obsgen/render/tree"
	"github.com/obsgen/obsgen/unit"
)

const (
	root      = "perses"
	firstLine = "# Written by obsgen build. Change the project's declarations instead.\n"
)

// object is a part of a manifest whose shape a plugin decides.
type object = map[string]any

type manifest struct {
	Kind     string   `json:"kind"`
	Metadata metadata `json:"metadata"`
	Spec     any      `json:"spec"`
}

type metadata struct {
	Name    string `json:"name"`
	Project string `json:"project,omitempty"`
}

type display struct {
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
}

type plugin struct {
	Kind string `json:"kind"`
	Spec object `json:"spec"`
}

type dashboardSpec struct {
	Display         display          `json:"display"`
	Variables       []variable       `json:"variables,omitempty"`
	Panels          map[string]panel `json:"panels"`
	Layouts         []layout         `json:"layouts"`
	Duration        string           `json:"duration"`
	RefreshInterval string           `json:"refreshInterval,omitempty"`
	Links           []link           `json:"links,omitempty"`
}

type variable struct {
	Kind string       `json:"kind"`
	Spec variableSpec `json:"spec"`
}

type variableSpec struct {
	Name           string  `json:"name"`
	Display        display `json:"display"`
	AllowAllValue  bool    `json:"allowAllValue"`
	AllowMultiple  bool    `json:"allowMultiple"`
	CustomAllValue string  `json:"customAllValue,omitempty"`
	DefaultValue   string  `json:"defaultValue,omitempty"`
	Sort           string  `json:"sort,omitempty"`
	Plugin         plugin  `json:"plugin"`
}

type panel struct {
	Kind string    `json:"kind"`
	Spec panelSpec `json:"spec"`
}

type panelSpec struct {
	Display display `json:"display"`
	Plugin  plugin  `json:"plugin"`
	Queries []query `json:"queries,omitempty"`
	Links   []link  `json:"links,omitempty"`
}

type query struct {
	Kind string    `json:"kind"`
	Spec querySpec `json:"spec"`
}

type querySpec struct {
	Plugin plugin `json:"plugin"`
}

type link struct {
	Name            string `json:"name"`
	URL             string `json:"url"`
	RenderVariables bool   `json:"renderVariables,omitempty"`
	TargetBlank     bool   `json:"targetBlank,omitempty"`
}

type layout struct {
	Kind string     `json:"kind"`
	Spec layoutSpec `json:"spec"`
}

type layoutSpec struct {
	Display        *layoutDisplay `json:"display,omitempty"`
	Items          []item         `json:"items"`
	RepeatVariable string         `json:"repeatVariable,omitempty"`
}

type layoutDisplay struct {
	Title    string   `json:"title"`
	Collapse collapse `json:"collapse"`
}

type collapse struct {
	Open bool `json:"open"`
}

type item struct {
	X       int               `json:"x"`
	Y       int               `json:"y"`
	Width   int               `json:"width"`
	Height  int               `json:"height"`
	Content map[string]string `json:"content"`
}

// Render returns perses/project.yaml, perses/datasource.yaml, perses/dashboards/<uid>.yaml for every dashboard, and
// perses/NOT-MAPPED.md with what each of them lacks there.
func Render(p *plan.Plan) ([]tree.File, error) {
	w := &writer{plan: p}
	if err := w.add("project.yaml", manifest{Kind: "Project", Metadata: metadata{Name: p.Name}, Spec: object{"display": display{Name: p.Title}}}); err != nil {
		return nil, err
	}
	source := manifest{Kind: "Datasource", Metadata: metadata{Name: cmp.Or(p.Profile.DataSource, "prometheus"), Project: p.Name}, Spec: object{
		"default": true, "plugin": plugin{"PrometheusDatasource", object{
			"proxy":          plugin{"HTTPProxy", object{"url": p.Profile.PrometheusURL}},
			"scrapeInterval": unit.Duration(p.Profile.ScrapeInterval),
		}},
	}}
	if err := w.add("datasource.yaml", source); err != nil {
		return nil, err
	}
	for _, b := range p.Boards {
		if err := w.add("dashboards/"+b.UID+".yaml", manifest{Kind: "Dashboard", Metadata: metadata{b.UID, p.Name}, Spec: w.dashboard(b)}); err != nil {
			return nil, err
		}
	}
	w.files = append(w.files, tree.File{Path: root + "/NOT-MAPPED.md", Data: w.report()})
	return w.files, nil
}

type writer struct {
	plan  *plan.Plan
	files []tree.File
	lacks []lack
}

// lack is something that a dashboard has and Perses does not.
type lack struct{ board, at, what string }

func (w *writer) lack(b *plan.Board, at, format string, args ...any) {
	w.lacks = append(w.lacks, lack{b.UID, at, fmt.Sprintf(format, args...)})
}

func (w *writer) add(name string, m manifest) error {
	data, err := tree.YAML(m)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	w.files = append(w.files, tree.File{Path: root + "/" + name, Data: append([]byte(firstLine), data...)})
	return nil
}

// report lists what is lacking, by dashboard.
func (w *writer) report() []byte {
	var b strings.Builder
	b.WriteString("<!-- Written by obsgen build. -->\n\n# What Perses does not have\n\n")
	if len(w.lacks) == 0 {
		b.WriteString("Everything is mapped.\n")
		return []byte(b.String())
	}
	b.WriteString("What the dashboards have in Grafana and not in Perses, or otherwise.\n")
	board := ""
	for _, l := range w.lacks {
		if l.board != board {
			board = l.board
			fmt.Fprintf(&b, "\n## %s\n\n| where | what |\n|---|---|\n", board)
		}
		fmt.Fprintf(&b, "| %s | %s |\n", strings.ReplaceAll(l.at, "|", `\|`), strings.ReplaceAll(l.what, "|", `\|`))
	}
	return []byte(b.String())
}

func (w *writer) dashboard(b *plan.Board) dashboardSpec {
	out := dashboardSpec{Display: display{b.Title, b.Purpose}, Panels: map[string]panel{}, Duration: unit.Duration(b.Last)}
	if b.Refresh > 0 {
		out.RefreshInterval = unit.Duration(b.Refresh)
	}
	for _, v := range b.Variables {
		if x, ok := w.variable(b, v); ok {
			out.Variables = append(out.Variables, x)
		}
	}
	for _, l := range b.Links {
		out.Links = append(out.Links, w.link(l))
	}
	for _, a := range b.Annotations {
		w.lack(b, "annotation "+a.Title, "Perses 0.53 has no annotations")
	}
	for _, r := range b.Rows {
		grid := layoutSpec{Items: []item{}, RepeatVariable: r.Repeat}
		top := r.Y
		if r.Title != "" {
			top++
			grid.Display = &layoutDisplay{r.Title, collapse{!r.Collapsed}}
		}
		for _, p := range r.Panels {
			key := fmt.Sprintf("panel-%d", p.ID)
			out.Panels[key] = w.panel(b, p)
			grid.Items = append(grid.Items, item{p.Grid.X, max(0, p.Grid.Y-top), p.Grid.W, p.Grid.H, map[string]string{"$ref": "#/spec/panels/" + key}})
		}
		out.Layouts = append(out.Layouts, layout{"Grid", grid})
	}
	return out
}

func (w *writer) variable(b *plan.Board, v plan.Variable) (variable, bool) {
	spec := variableSpec{Name: v.Name, Display: display{Name: cmp.Or(v.Title, v.Name)}}
	switch v.Kind {
	case dashboards.LabelValues:
		spec.Sort = "alphabetical-asc"
		spec.AllowMultiple, spec.AllowAllValue = !v.Single, !v.Single
		if !v.Single {
			spec.CustomAllValue, spec.DefaultValue = ".*", "$__all"
		}
		values := object{"labelName": v.Label}
		if v.From != "" {
			values["matchers"] = []string{v.From}
		}
		spec.Plugin = plugin{"PrometheusLabelValuesVariable", values}
	case dashboards.CustomList, dashboards.Intervals:
		spec.AllowMultiple, spec.AllowAllValue = !v.Single && v.Kind == dashboards.CustomList, false
		if len(v.Options) > 0 {
			spec.DefaultValue = v.Options[0]
		}
		spec.Plugin = plugin{"StaticListVariable", object{"values": v.Options}}
	default:
		w.lack(b, "variable "+v.Name, "Perses has no ad hoc filters")
		return variable{}, false
	}
	return variable{"ListVariable", spec}, true
}

func (w *writer) link(l plan.Link) link {
	if l.Board == nil {
		return link{Name: l.Title, URL: l.URL, TargetBlank: true}
	}
	url := "/projects/" + w.plan.Name + "/dashboards/" + l.Board.UID
	for i, name := range l.Carry {
		sep := "&"
		if i == 0 {
			sep = "?"
		}
		url += sep + "var-" + name + "=$" + name
	}
	return link{Name: l.Title, URL: url, RenderVariables: len(l.Carry) > 0}
}

// formats are the units that Perses has, by those of Grafana. A rate of what it has no word for is one of counts.
var formats = map[string]string{
	"s": "seconds", "ms": "milliseconds", "µs": "microseconds", "ns": "nanoseconds", "m": "minutes", "h": "hours", "d": "days",
	"percent": "percent", "percentunit": "percent-decimal", "bytes": "bytes", "bits": "bits", "binBps": "bytes/sec", "bps": "bits/sec",
	"reqps": "requests/sec", "mps": "messages/sec", "eps": "events/sec", "ops": "ops/sec", "recps": "records/sec", "rowsps": "rows/sec",
	"cps": "counts/sec", "short": "decimal", "none": "decimal",
}

func (w *writer) format(b *plan.Board, p *plan.Panel) object {
	id, _ := p.Unit.GrafanaID()
	name, ok := formats[id]
	if !ok {
		w.lack(b, p.Title, "Perses has no unit for %s: values are bare numbers", p.Unit)
		name = "decimal"
	}
	out := object{"unit": name}
	if name != "percent" && name != "percent-decimal" && p.Unit.Noun() != "" {
		out["shortValues"] = true
	}
	return out
}

// colors are those of the levels, as hexadecimal codes.
var colors = map[catalog.Level]string{catalog.Neutral: "#3274d9", catalog.Good: "#56a64b", catalog.Caution: "#ff9830", catalog.Bad: "#e02f44"}

// thresholds returns steps that rise. Perses colours from a step upwards; what is bad below a value is the colour up to it.
func thresholds(ts []plan.Threshold) object {
	if len(ts) == 0 {
		return nil
	}
	at := make([]float64, len(ts))
	for i, t := range ts {
		at[i] = t.At
	}
	slices.Sort(at)
	at = slices.Compact(at)
	level := func(v float64, before bool) catalog.Level {
		worst := catalog.Good
		for _, t := range ts {
			hit := !t.Below && v >= t.At && !before || t.Below && (v < t.At || before)
			if hit && t.Level > worst {
				worst = t.Level
			}
		}
		return worst
	}
	steps := []object{}
	for _, v := range at {
		steps = append(steps, object{"value": v, "color": colors[level(v, false)]})
	}
	return object{"mode": "absolute", "defaultColor": colors[level(at[0], true)], "steps": steps}
}

var calculations = map[dashboards.Reduce]string{
	dashboards.Newest: "last-number", dashboards.Mean: "mean", dashboards.Largest: "max", dashboards.Least: "min", dashboards.Total: "sum",
}

func calculation(r dashboards.Reduce) string { return cmp.Or(calculations[r], "last-number") }

func mappings(states []catalog.State) []object {
	var out []object
	for _, s := range states {
		out = append(out, object{"kind": "Value", "spec": object{"value": fmt.Sprint(s.Value), "result": object{"value": s.Name, "color": colors[s.Level]}}})
	}
	return out
}

func (w *writer) panel(b *plan.Board, p *plan.Panel) panel {
	spec := panelSpec{Display: display{p.Title, p.Description}}
	for _, t := range p.Targets {
		q := object{"query": t.Expr.Text()}
		if t.Legend != "" {
			q["seriesNameFormat"] = t.Legend
		}
		spec.Queries = append(spec.Queries, query{"TimeSeriesQuery", querySpec{plugin{"PrometheusTimeSeriesQuery", q}}})
	}
	for _, l := range p.Links {
		if len(l.Set) > 0 {
			w.lack(b, p.Title, "the link %q of a clicked series has no counterpart", l.Title)
			continue
		}
		spec.Links = append(spec.Links, w.link(l))
	}
	for _, r := range p.Alerts {
		if r.Alert.RunbookURL != "" {
			spec.Links = append(spec.Links, link{Name: "Alert: " + r.Alert.Name, URL: r.Alert.RunbookURL, TargetBlank: true})
		}
	}
	spec.Plugin = w.plugin(b, p)
	return panel{"Panel", spec}
}

// bounded adds the ends of an axis.
func bounded(o object, p *plan.Panel) object {
	if p.Min != nil {
		o["min"] = *p.Min
	}
	if p.Max != nil {
		o["max"] = *p.Max
	}
	return o
}

// set sets a key where there is a value.
func set(o object, key string, v object) {
	if v != nil {
		o[key] = v
	}
}

func (w *writer) plugin(b *plan.Board, p *plan.Panel) plugin {
	legend := object{"position": "bottom", "mode": "table", "size": "small", "values": []string{"last-number", "max"}}
	switch p.Kind {
	case dashboards.KindText:
		return plugin{"Markdown", object{"text": p.Markdown}}
	case dashboards.KindStat:
		spec := object{"calculation": calculation(p.Reduce), "format": w.format(b, p)}
		set(spec, "thresholds", thresholds(p.Thresholds))
		if len(p.States) > 0 {
			spec["mappings"] = mappings(p.States)
		}
		if !p.NoGraph {
			spec["sparkline"] = object{}
		}
		return plugin{"StatChart", spec}
	case dashboards.KindGauge:
		spec := object{"calculation": calculation(p.Reduce), "format": w.format(b, p)}
		set(spec, "thresholds", thresholds(p.Thresholds))
		if p.Max != nil {
			spec["max"] = *p.Max
		}
		return plugin{"GaugeChart", spec}
	case dashboards.KindBarGauge:
		if len(p.Thresholds) > 0 {
			w.lack(b, p.Title, "bars have one colour: there are no thresholds")
		}
		return plugin{"BarChart", object{"calculation": calculation(p.Reduce), "format": w.format(b, p), "sort": "desc", "mode": "value"}}
	case dashboards.KindPie:
		return plugin{"PieChart", object{
			"calculation": calculation(p.Reduce), "format": w.format(b, p), "radius": 50, "sort": "desc", "mode": "value", "legend": object{"position": "right", "mode": "list"},
		}}
	case dashboards.KindStateTimeline:
		return plugin{"StatusHistoryChart", object{"legend": object{"position": "bottom", "mode": "list"}, "mappings": mappings(p.States)}}
	case dashboards.KindTable:
		return w.table(b, p)
	case dashboards.KindHeatmap, dashboards.KindHistogram:
		if p.Kind == dashboards.KindHeatmap && !classic(p) {
			return plugin{"HeatMapChart", object{"yAxisFormat": w.format(b, p)}}
		}
		if p.Kind == dashboards.KindHistogram && !classic(p) {
			return plugin{"HistogramChart", bounded(object{"format": w.format(b, p)}, p)}
		}
		w.lack(b, p.Title, "Perses draws a %s of native histograms only: the buckets are lines", p.Kind)
		return plugin{"TimeSeriesChart", object{"legend": legend, "yAxis": object{"format": object{"unit": "counts/sec"}}, "visual": object{"display": "line"}}}
	}
	for _, t := range p.Targets {
		if t.Down {
			w.lack(b, p.Title, "%s is drawn above zero, not below", cmp.Or(t.Legend, t.RefID))
		}
	}
	if p.LogScale {
		w.lack(b, p.Title, "the axis is not logarithmic")
	}
	visual := object{"display": "line", "lineWidth": 1.5, "areaOpacity": 0.1}
	if p.Stack {
		visual["stack"], visual["areaOpacity"] = "all", 0.5
	}
	spec := object{"legend": legend, "yAxis": bounded(object{"format": w.format(b, p)}, p), "visual": visual}
	set(spec, "thresholds", thresholds(p.Thresholds))
	return plugin{"TimeSeriesChart", spec}
}

// classic reports whether a panel's queries give buckets by le.
func classic(p *plan.Panel) bool {
	return slices.ContainsFunc(p.Targets, func(t plan.Target) bool { return t.Expr.Type.Labels.Has("le") })
}

func (w *writer) table(b *plan.Board, p *plan.Panel) plugin {
	columns := []object{{"name": "timestamp", "hide": true}}
	for _, l := range p.Labels {
		columns = append(columns, object{"name": l, "header": strings.ReplaceAll(l, "_", " ")})
	}
	for _, l := range p.Hidden {
		columns = append(columns, object{"name": l, "hide": true})
	}
	spec := object{"density": "compact", "enableFiltering": true}
	for i, t := range p.Targets {
		name := "value"
		if len(p.Targets) > 1 {
			name = fmt.Sprintf("value #%d", i+1)
		}
		columns = append(columns, object{"name": name, "header": cmp.Or(t.Legend, p.Title), "align": "right", "format": w.columnFormat(b, p, t)})
	}
	if len(p.Targets) > 1 {
		spec["transforms"] = []object{{"kind": "MergeSeries", "spec": object{}}}
	}
	spec["columnSettings"] = columns
	return plugin{"Table", spec}
}

func (w *writer) columnFormat(b *plan.Board, p *plan.Panel, t plan.Target) object {
	of := *p
	of.Unit = t.Expr.Type.Unit
	return w.format(b, &of)
}
