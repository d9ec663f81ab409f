package dashcheck

import (
	"encoding/json"

	"github.com/obsgen/obsgen/query"
	"github.com/obsgen/obsgen/unit"
)

// Limits of Grafana: columns of the grid, and the length of a uid.
const (
	columns    = 24
	longestUID = 40
)

// board checks a dashboard by itself.
func (c *checker) board(b *board) {
	switch {
	case b.UID == "" || len(b.UID) > longestUID:
		c.report("uid %q has %d characters; it must have 1 to %d", b.UID, len(b.UID), longestUID)
	case b.Title == "":
		c.report("there is no title")
	case b.SchemaVersion == 0:
		c.report("there is no schemaVersion")
	}
	ids := map[int]string{}
	c.ids(b.Panels, ids)
	c.places(b.Panels)
	for i := range b.Panels {
		if row := &b.Panels[i]; row.Type == rowType {
			c.row(row)
		}
	}
	for _, p := range b.panels() {
		c.panel(p)
	}
	for _, a := range b.Annotations.List {
		if a.BuiltIn == 0 {
			c.source(a.Datasource, "annotation "+a.Name)
			if a.Target == nil {
				c.report("annotation %s asks for nothing", a.Name)
				continue
			}
			c.target(a.Target, "annotation "+a.Name)
		}
	}
	for _, v := range b.Templating.List {
		if v.Type == "query" || v.Type == "adhoc" {
			c.source(v.Datasource, "variable "+v.Name)
		}
	}
}

func (c *checker) ids(ps []panel, ids map[int]string) {
	for i := range ps {
		p := &ps[i]
		first, taken := ids[p.ID]
		switch {
		case p.ID < 1:
			c.report("%s has no id", p.name())
		case taken:
			c.report("%s has the id of %s", p.name(), first)
		}
		ids[p.ID] = p.name()
		c.ids(p.Panels, ids)
	}
}

// places checks that panels side by side lie on the grid and not on one another.
func (c *checker) places(ps []panel) {
	for i := range ps {
		p, g := &ps[i], ps[i].GridPos
		if g == nil || g.X < 0 || g.Y < 0 || g.W < 1 || g.H < 1 || g.X+g.W > columns {
			c.report("%s lies beyond the grid: %+v", p.name(), g)
			continue
		}
		for j := range i {
			if h := ps[j].GridPos; h != nil && g.X < h.X+h.W && h.X < g.X+g.W && g.Y < h.Y+h.H && h.Y < g.Y+g.H {
				c.report("%s lies on %s", p.name(), ps[j].name())
			}
		}
	}
}

// row checks that a row holds panels only where it is collapsed: Grafana loses others.
func (c *checker) row(row *panel) {
	if len(row.Panels) > 0 && !row.Collapsed {
		c.report("%s is open and holds panels; they belong after it", row.name())
	}
	if row.Title == "" {
		c.report("%s has no title", row.name())
	}
	c.places(row.Panels)
	for i := range row.Panels {
		if g := row.Panels[i].GridPos; g != nil && row.GridPos != nil && g.Y <= row.GridPos.Y {
			c.report("%s stands above its row %q", row.Panels[i].name(), row.Title)
		}
	}
}

// noData are the kinds of panels that ask for nothing.
var noData = map[string]bool{"text": true}

func (c *checker) panel(p *panel) {
	if !noData[p.Type] {
		c.source(p.Datasource, p.name())
		if len(p.Targets) == 0 {
			c.report("%s asks for nothing", p.name())
		}
	}
	refIDs := map[string]bool{}
	for i := range p.Targets {
		t := &p.Targets[i]
		if t.RefID == "" || refIDs[t.RefID] {
			c.report("%s has two queries with the ref id %q, or one without", p.name(), t.RefID)
		}
		refIDs[t.RefID] = true
		c.target(t, p.name()+", query "+t.RefID)
	}
	for _, u := range p.units() {
		if !unit.IsGrafanaID(u) {
			c.report("%s has the unit %q, which Grafana does not know", p.name(), u)
		}
	}
	c.legend(p)
	c.tooltip(p)
}

// units returns the units that a panel names, wherever its kind has them.
func (p *panel) units() []string {
	var out []string
	for _, u := range []*string{p.FieldConfig.Defaults.Unit, p.Options.YAxis.Unit, p.Options.CellValues.Unit} {
		if u != nil {
			out = append(out, *u)
		}
	}
	for _, o := range p.FieldConfig.Overrides {
		for _, x := range o.Properties {
			if x.ID == "unit" {
				var u string
				if err := json.Unmarshal(x.Value, &u); err != nil {
					u = string(x.Value)
				}
				out = append(out, u)
			}
		}
	}
	return out
}

// source checks that the dashboard's picker decides which Prometheus is asked.
func (c *checker) source(s *source, what string) {
	if s == nil || s.Type != "prometheus" || s.UID != "${datasource}" {
		c.report("%s does not ask the data source that was picked: %+v", what, s)
	}
}

func (c *checker) target(t *target, what string) {
	c.source(t.Datasource, what)
	if t.Instant == t.Range {
		c.report("%s is neither an instant query nor a range query", what)
	}
	// A duration is a number to PromQL, and so fits wherever a variable can stand.
	if _, err := query.ParseText(reference.ReplaceAllString(t.Expr, "5m")); err != nil {
		c.report("%s is no PromQL: %v: %s", what, err, t.Expr)
	}
}

// withLegend are the kinds that draw a legend, withTooltip those that draw a tooltip with an order.
var (
	withLegend  = map[string]bool{"timeseries": true, "histogram": true, "state-timeline": true, "piechart": true, "bargauge": true}
	withTooltip = map[string]bool{"timeseries": true, "histogram": true, "state-timeline": true, "piechart": true}
)

func (c *checker) legend(p *panel) {
	l := p.Options.Legend
	switch {
	case p.Type == "heatmap":
		if l == nil || l.Show == nil {
			c.report("%s does not say whether it has a legend", p.name())
		}
	case !withLegend[p.Type]:
	case l == nil || l.ShowLegend == nil || !oneOf(l.DisplayMode, "list", "table") || !oneOf(l.Placement, "bottom", "right"):
		c.report("%s does not say where and how its legend stands", p.name())
	}
}

func (c *checker) tooltip(p *panel) {
	t := p.Options.Tooltip
	switch {
	case p.Type == "heatmap":
		if t == nil || !oneOf(&t.Mode, "single", "multi", "none") {
			c.report("%s has no mode of its tooltip", p.name())
		}
	case !withTooltip[p.Type]:
	case t == nil || !oneOf(&t.Mode, "single", "multi", "none") || !oneOf(t.Sort, "asc", "desc", "none"):
		c.report("%s has no mode or no order of its tooltip", p.name())
	}
}

func oneOf(s *string, values ...string) bool {
	for _, v := range values {
		if s != nil && *s == v {
			return true
		}
	}
	return false
}
