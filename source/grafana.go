package source

import (
	"slices"
	"strconv"
	"strings"
)

// Dashboard is a Grafana dashboard of a file.
type Dashboard struct {
	File  *File
	UID   Text
	Title Text
	// Tags and Description are what the dashboard says of itself.
	Tags        []Text
	Description Text
	Editable    bool
	Refresh     Text
	Schema      int // schemaVersion, 0 where it is not told
	Panels      []*Panel
	Variables   []*Variable
	// Annotations are the queries that mark moments.
	Annotations []*Target
	// Texts are all further texts in which variables can stand: links, titles of rows, repeats.
	Texts []Text
	at    Text
	// sources are the types of data sources by the variable, or the input of an import, that stands for one.
	sources map[string]string
}

// At returns a text at the dashboard's place.
func (d *Dashboard) At() Text {
	if !d.Title.IsZero() {
		return d.Title
	}
	return d.at
}

// Variable returns the dashboard's variable of a name, nil where it has none.
func (d *Dashboard) Variable(name string) *Variable {
	for _, v := range d.Variables {
		if v.Name.Value == name {
			return v
		}
	}
	return nil
}

// Panel is a panel of a dashboard; rows are not among them.
type Panel struct {
	Dashboard   *Dashboard
	ID          int
	Title       Text
	Type        Text
	Description Text
	Unit        Text // of all fields
	Min, Max    *Number
	Thresholds  []Number // in the order of the steps, without the base
	Percentage  bool     // thresholds are percentages of the range
	Targets     []*Target
	AllTargets  int // those of other data sources and languages, too
	Repeat      Text
	Stacked     Text // the mode of stacking where it is not none
	Calcs       []Text
	DataSource  *DataSource
	// Mappings are the values that have texts of their own, one by one.
	Mappings []Number
	// Mapped says that values have texts of their own; Overrides that some fields have other options;
	// Transformed that queries' results are transformed.
	Mapped, Overrides, Transformed bool
	// Links are the addresses of its data links, ReadsPanels the ids of panels whose results it shows.
	Links       []Text
	ReadsPanels []Number
	Library     bool // from the library of panels: what it shows is elsewhere
	at          Text
}

// At returns a text at the panel's place.
func (p *Panel) At() Text {
	if !p.Title.IsZero() && p.Title.Value != "" {
		return p.Title
	}
	return p.at
}

// Number is a number of a file.
type Number struct {
	Value float64
	At    Text
}

// DataSource is what a panel or target asks.
type DataSource struct {
	Type Text
	UID  Text // or its name, where it is a text
}

// Target is a query of a panel, or of an annotation.
type Target struct {
	Panel   *Panel
	RefID   Text
	Query   *Query
	Legend  Text
	Instant bool
	Range   bool
	Format  Text
	Hidden  bool
}

// Variable is a picker of a dashboard.
type Variable struct {
	Name       Text
	Type       Text
	Query      Text // what it asks, of a query variable
	Multi      bool
	IncludeAll bool
	AllValue   Text
	Refresh    int
	RefreshAt  Text
	Regex      Text
	Options    []Text
	DataSource *DataSource
	// Language is what its data source is asked in.
	Language Language
}

func dataSource(v *value) *DataSource {
	switch {
	case v.is(object):
		return &DataSource{Type: v.get("type").str(), UID: v.get("uid").str()}
	case v.is(text):
		return &DataSource{UID: v.text}
	}
	return nil
}

// isDashboard reports whether a value looks like a dashboard of the classic form.
func isDashboard(v *value) bool {
	if !v.is(object) {
		return false
	}
	hasPanels := v.get("panels").is(list) || v.get("rows").is(list)
	return hasPanels && (v.get("title") != nil || v.get("schemaVersion") != nil || v.get("templating") != nil)
}

// isNewDashboard reports whether a value is a dashboard's spec of the second form, whose panels are elements.
func isNewDashboard(v *value) bool { return v.get("elements").is(object) && v.get("layout").is(object) }

func dashboard(f *File, v *value) *Dashboard {
	d := &Dashboard{
		File: f, UID: v.get("uid").str(), Title: v.get("title").str(), Description: v.get("description").str(), Editable: v.get("editable").boolean(),
		Refresh: v.get("refresh").str(), at: v.at(),
	}
	if n, ok := v.get("schemaVersion").num(); ok {
		d.Schema = int(n)
	}
	for _, t := range v.get("tags").all() {
		d.Tags = append(d.Tags, t.str())
	}
	d.sources = map[string]string{}
	for _, x := range v.get("__inputs").all() {
		d.sources[x.get("name").str().Value] = x.get("pluginId").str().Value
	}
	for _, x := range v.get("templating", "list").all() {
		if x.get("type").str().Value == "datasource" {
			d.sources[x.get("name").str().Value] = x.get("query").str().Value
		}
	}
	d.texts(v.get("links"))
	d.panels(v.get("panels"), nil)
	for _, row := range v.get("rows").all() { // before schema 14
		d.texts(row.get("title"), row.get("repeat"))
		d.panels(row.get("panels"), nil)
	}
	for _, x := range v.get("templating", "list").all() {
		d.variable(x)
	}
	for _, a := range v.get("annotations", "list").all() {
		e := a.get("expr").str()
		if t := a.get("target"); e.IsZero() {
			e = t.get("expr").str()
		}
		if l := d.language(a.get("datasource")); !e.IsZero() && l != Other {
			d.Annotations = append(d.Annotations, &Target{Query: NewQuery(e, true).In(l), Legend: a.get("textFormat").str()})
		}
		d.texts(a)
	}
	return d
}

// texts collects the texts below values.
func (d *Dashboard) texts(vs ...*value) {
	for _, v := range vs {
		if v == nil {
			continue
		}
		if v.kind == text {
			d.Texts = append(d.Texts, v.text)
		}
		d.texts(v.items...)
		for _, m := range v.fields() {
			d.texts(m.value)
		}
	}
}

func (d *Dashboard) panels(vs *value, inherited *DataSource) {
	for _, v := range vs.all() {
		if v.get("type").str().Value == "row" {
			d.texts(v.get("title"), v.get("repeat"))
			d.panels(v.get("panels"), inherited)
			continue
		}
		d.panel(v)
	}
}

func (d *Dashboard) panel(v *value) *Panel {
	p := &Panel{
		Dashboard: d, Title: v.get("title").str(), Type: v.get("type").str(), Description: v.get("description").str(), Repeat: v.get("repeat").str(),
		DataSource: dataSource(v.get("datasource")), Library: v.get("libraryPanel") != nil, at: v.at(),
	}
	if n, ok := v.get("id").num(); ok {
		p.ID = int(n)
	}
	p.options(v.get("fieldConfig", "defaults"))
	p.Overrides = len(v.get("fieldConfig", "overrides").all()) > 0
	p.Transformed = len(v.get("transformations").all()) > 0
	if p.Unit.IsZero() { // graph, singlestat and table-old
		if f := v.get("yaxes").all(); len(f) > 0 {
			p.Unit = f[0].get("format").str()
		} else if f := v.get("y_formats").all(); len(f) > 0 {
			p.Unit = f[0].str()
		} else {
			p.Unit = v.get("format").str()
		}
		p.Overrides = p.Overrides || len(v.get("seriesOverrides").all()) > 0 || len(v.get("styles").all()) > 0
	}
	if v.get("stack").boolean() {
		p.Stacked = v.get("stack").str()
	}
	for _, c := range append(v.get("options", "reduceOptions", "calcs").all(), v.get("valueName")) {
		if c != nil {
			p.Calcs = append(p.Calcs, c.str())
		}
	}
	p.Mapped = p.Mapped || len(v.get("valueMaps").all()) > 0 && v.get("mappingType") != nil
	for _, l := range slices.Concat(v.get("links").all(), v.get("fieldConfig", "defaults", "links").all()) {
		if u := l.get("url").str(); !u.IsZero() {
			p.Links = append(p.Links, u)
		}
	}
	for _, t := range v.get("targets").all() {
		p.AllTargets++
		if n, ok := t.get("panelId").num(); ok {
			p.ReadsPanels = append(p.ReadsPanels, Number{n, t.get("panelId").text})
		}
		p.target(t, v.get("datasource"))
	}
	d.Panels = append(d.Panels, p)
	d.texts(v.get("title"), v.get("description"), v.get("repeat"), v.get("links"), v.get("fieldConfig"), v.get("options"), v.get("transformations"), v.get("maxPerRow"), v.get("timeFrom"), v.get("interval"))
	return p
}

func (p *Panel) options(v *value) {
	p.Unit = v.get("unit").str()
	number := func(x *value) *Number {
		if n, ok := x.num(); ok {
			return &Number{n, x.text}
		}
		return nil
	}
	p.Min, p.Max = number(v.get("min")), number(v.get("max"))
	p.Mapped = len(v.get("mappings").all()) > 0
	for _, m := range v.get("mappings").all() {
		p.mapping(m)
	}
	p.Percentage = v.get("thresholds", "mode").str().Value == "percentage"
	for _, s := range v.get("thresholds", "steps").all() {
		if n := number(s.get("value")); n != nil {
			p.Thresholds = append(p.Thresholds, *n)
		}
	}
	if m := v.get("custom", "stacking", "mode").str(); m.Value != "" && m.Value != "none" {
		p.Stacked = m
	}
}

// mapping reads a mapping of single values, of the newer form or of the one before it.
func (p *Panel) mapping(m *value) {
	add := func(t Text) {
		if x, err := strconv.ParseFloat(t.Value, 64); err == nil {
			p.Mappings = append(p.Mappings, Number{x, t})
		}
	}
	if m.get("type").str().Value == "value" {
		for _, o := range m.get("options").fields() {
			add(o.key)
		}
	}
	if v := m.get("value"); v != nil && m.get("options") == nil {
		add(v.str())
	}
}

func (p *Panel) target(t, panelSource *value) {
	e := t.get("expr").str()
	from := t.get("datasource")
	if from == nil || from.kind == null {
		from = panelSource
	}
	l := p.Dashboard.language(from)
	if e.IsZero() || strings.TrimSpace(e.Value) == "" || l == Other || l == Undecided && p.Type.Value == "logs" {
		return
	}
	p.Targets = append(p.Targets, &Target{
		Panel: p, RefID: t.get("refId").str(), Query: NewQuery(e, true).In(l), Legend: t.get("legendFormat").str(), Instant: t.get("instant").boolean(),
		Range: t.get("range").boolean() || t.get("instant") == nil, Format: t.get("format").str(), Hidden: t.get("hide").boolean(),
	})
}

func (d *Dashboard) variable(v *value) {
	x := &Variable{
		Name: v.get("name").str(), Type: v.get("type").str(), Multi: v.get("multi").boolean(), IncludeAll: v.get("includeAll").boolean(),
		AllValue: v.get("allValue").str(), Regex: v.get("regex").str(), DataSource: dataSource(v.get("datasource")),
	}
	if n, ok := v.get("refresh").num(); ok {
		x.Refresh, x.RefreshAt = int(n), v.get("refresh").text
	}
	x.Query = v.get("query").str()
	if q := v.get("query"); q.is(object) {
		x.Query = q.get("query").str()
	}
	if x.Query.IsZero() {
		x.Query = v.get("definition").str()
	}
	if x.Language = d.language(v.get("datasource")); x.Language == Other {
		x.Type = Text{Value: "foreign", file: x.Type.file, spans: x.Type.spans}
	}
	for _, o := range v.get("options").all() {
		x.Options = append(x.Options, o.get("value").str())
	}
	d.Variables = append(d.Variables, x)
	d.texts(v.get("regex"), v.get("label"))
}

// newDashboard reads a dashboard of the second form: spec.elements with their panels, spec.variables.
func newDashboard(f *File, name Text, v *value) *Dashboard {
	d := &Dashboard{File: f, UID: name, Title: v.get("title").str(), Description: v.get("description").str(), Editable: v.get("editable").boolean(), Schema: 2_000_000, at: v.at(), sources: map[string]string{}}
	for _, x := range v.get("variables").all() {
		if x.get("kind").str().Value == "DatasourceVariable" {
			d.sources[x.get("spec", "name").str().Value] = x.get("spec", "pluginId").str().Value
		}
	}
	for _, t := range v.get("tags").all() {
		d.Tags = append(d.Tags, t.str())
	}
	for _, m := range v.get("elements").fields() {
		spec := m.value.get("spec")
		p := &Panel{Dashboard: d, Title: spec.get("title").str(), Description: spec.get("description").str(), at: m.key, Library: m.value.get("kind").str().Value == "LibraryPanel"}
		if n, ok := spec.get("id").num(); ok {
			p.ID = int(n)
		}
		viz := spec.get("vizConfig")
		p.Type = viz.get("group").str()
		if p.Type.IsZero() {
			p.Type = viz.get("kind").str()
		}
		p.options(viz.get("spec", "fieldConfig", "defaults"))
		p.Overrides = len(viz.get("spec", "fieldConfig", "overrides").all()) > 0
		p.Transformed = len(spec.get("data", "spec", "transformations").all()) > 0
		for _, c := range viz.get("spec", "options", "reduceOptions", "calcs").all() {
			p.Calcs = append(p.Calcs, c.str())
		}
		for _, q := range spec.get("data", "spec", "queries").all() {
			p.AllTargets++
			s := q.get("spec")
			query := s.get("query")
			inner := query.get("spec")
			l := d.newLanguage(query, s)
			if l == Other || l == Undecided && p.Type.Value == "logs" {
				continue
			}
			if e := inner.get("expr").str(); !e.IsZero() {
				p.Targets = append(p.Targets, &Target{
					Panel: p, RefID: s.get("refId").str(), Query: NewQuery(e, true).In(l), Legend: inner.get("legendFormat").str(), Instant: inner.get("instant").boolean(),
					Range: inner.get("range").boolean() || inner.get("instant") == nil, Format: inner.get("format").str(), Hidden: s.get("hidden").boolean(),
				})
			}
		}
		d.Panels = append(d.Panels, p)
		d.texts(spec.get("title"), spec.get("description"), spec.get("links"), viz)
	}
	d.texts(v.get("layout"), v.get("links"))
	for _, x := range v.get("variables").all() {
		s := x.get("spec")
		kind := x.get("kind").str()
		kind.Value = strings.ToLower(strings.TrimSuffix(kind.Value, "Variable"))
		y := &Variable{Name: s.get("name").str(), Type: kind, Multi: s.get("multi").boolean(), IncludeAll: s.get("includeAll").boolean(), AllValue: s.get("allValue").str(), Regex: s.get("regex").str()}
		y.Query = s.get("query", "spec", "query").str()
		if y.Query.IsZero() {
			y.Query = s.get("query").str()
		}
		if y.Query.IsZero() {
			y.Query = s.get("definition").str()
		}
		if y.Language = d.newLanguage(s.get("query"), s); y.Language == Other {
			y.Type.Value = "foreign"
		}
		d.Variables = append(d.Variables, y)
		d.texts(s.get("regex"), s.get("label"))
	}
	for _, a := range v.get("annotations").all() {
		l := d.newLanguage(a.get("spec", "query"), a.get("spec"))
		if e := a.get("spec", "query", "spec", "expr").str(); !e.IsZero() && l != Other {
			d.Annotations = append(d.Annotations, &Target{Query: NewQuery(e, true).In(l)})
		}
	}
	return d
}

// newLanguage returns what a query of the second form is asked in: the type is its group, or its kind in the first drafts
// of that form, and the data source stands in it or beside it.
func (d *Dashboard) newLanguage(query, spec *value) Language {
	group := query.get("group").str().Value
	if kind := query.get("kind").str().Value; group == "" && kind != "DataQuery" {
		group = kind
	}
	if l := d.languageOf(group, ""); l != Undecided {
		return l
	}
	from := query.get("datasource")
	if from == nil {
		from = spec.get("datasource")
	}
	return d.language(from)
}

// Label names a panel for people: its title, or its number.
func (p *Panel) Label() string {
	if p.Title.Value != "" {
		return p.Title.Value
	}
	return "panel " + strconv.Itoa(p.ID)
}

// Lines returns the first and last line of the file on which something of the panel was read.
func (p *Panel) Lines() (first, last int) {
	note := func(t Text) {
		if t.IsZero() {
			return
		}
		line := t.At().Line
		if first == 0 || line < first {
			first = line
		}
		last = max(last, line)
	}
	note(p.at)
	for _, t := range []Text{p.Title, p.Type, p.Description, p.Unit, p.Repeat, p.Stacked} {
		note(t)
	}
	for _, n := range p.Thresholds {
		note(n.At)
	}
	for _, t := range p.Targets {
		note(t.RefID)
		note(t.Query.Text)
		note(t.Legend)
	}
	return first, last
}
