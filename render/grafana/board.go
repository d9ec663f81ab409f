package grafana

//lint:file-ignore SA1019 the classic dashboard is the form that Grafana 10 to 13 all import and provision

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/plan"
)

// pluginVersion is the Grafana whose panel options these are. Without it Grafana takes a panel for one of 6.1
// and migrates it, by which a stat of a share gets the ends 0 and 1 and its graph lies flat.
const pluginVersion = "10.0.0"

// board returns one dashboard.
func board(p *plan.Plan, b *plan.Board) (dashboard.Dashboard, error) {
	d := dashboard.NewDashboardBuilder(b.Title).Uid(b.UID).Description(b.Purpose).Tags(b.Tags).
		Timezone("browser").Editable().LiveNow(false).Tooltip(dashboard.DashboardCursorSyncCrosshair).
		Time("now-"+span(b.Last), "now")
	refresh := ""
	if b.Refresh > 0 {
		refresh = span(b.Refresh)
	}
	d.Refresh(refresh)
	variables, err := variables(p, b)
	if err != nil {
		return dashboard.Dashboard{}, err
	}
	d.Variables(variables)
	d.Annotation(done[dashboard.AnnotationQuery]{builtInAnnotation()})
	for _, a := range b.Annotations {
		x, err := annotation(a)
		if err != nil {
			return dashboard.Dashboard{}, fmt.Errorf("annotation %q: %w", a.Title, err)
		}
		d.Annotation(done[dashboard.AnnotationQuery]{x})
	}
	for _, l := range b.Links {
		d.Link(done[dashboard.DashboardLink]{boardLink(l)})
	}
	for i := range b.Rows {
		if err := addRow(d, &b.Rows[i]); err != nil {
			return dashboard.Dashboard{}, err
		}
	}
	return d.Build()
}

// span returns a duration in one unit, since Grafana's relative times and refresh rates are no sums: 90m.
func span(d time.Duration) string {
	for _, u := range []struct {
		size time.Duration
		name string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}} {
		if d%u.size == 0 {
			return strconv.FormatInt(int64(d/u.size), 10) + u.name
		}
	}
	return strconv.FormatInt(d.Milliseconds(), 10) + "ms"
}

// done is a value that is built, where the SDK asks for a builder.
type done[T any] struct{ value T }

// Build returns the value.
func (d done[T]) Build() (T, error) { return d.value, nil }

// addRow adds a row with its panels: below it, or inside where it is collapsed.
func addRow(d *dashboard.DashboardBuilder, r *plan.Row) error {
	var panels []done[dashboard.Panel]
	for _, p := range r.Panels {
		x, err := panel(p)
		if err != nil {
			return fmt.Errorf("panel %q: %w", p.Title, err)
		}
		panels = append(panels, done[dashboard.Panel]{x})
	}
	collapsed := false
	if r.Title != "" {
		collapsed = r.Collapsed
		row := dashboard.NewRowBuilder(rowTitle(r)).Id(uint32(r.ID)).Collapsed(collapsed).
			GridPos(gridPos(plan.Grid{Y: r.Y, W: 24, H: 1}))
		if r.Repeat != "" {
			row.Repeat(r.Repeat)
		}
		if collapsed {
			for _, x := range panels {
				row.WithPanel(x)
			}
		}
		d.WithRow(row)
	}
	if !collapsed {
		for _, x := range panels {
			d.WithPanel(x)
		}
	}
	return nil
}

// rowTitle tells the copies of a repeated row apart by the value that each is for.
func rowTitle(r *plan.Row) string {
	if r.Repeat == "" || strings.Contains(r.Title, "$") {
		return r.Title
	}
	return r.Title + ": $" + r.Repeat
}

func gridPos(g plan.Grid) dashboard.GridPos {
	return dashboard.GridPos{X: uint32(g.X), Y: uint32(g.Y), W: uint32(g.W), H: uint32(g.H)}
}

// panel returns one panel.
func panel(p *plan.Panel) (dashboard.Panel, error) {
	if p.ID < 1 || p.Grid.X < 0 || p.Grid.Y < 0 || p.Grid.W < 1 || p.Grid.H < 1 {
		return dashboard.Panel{}, errors.New("it has no id or no place on the grid")
	}
	b, err := kind(p)
	if err != nil {
		return dashboard.Panel{}, err
	}
	x, err := b.Build()
	if err != nil {
		return dashboard.Panel{}, err
	}
	x.PluginVersion = cog.ToPtr(pluginVersion)
	x.Transparent, x.RepeatDirection = nil, nil // the SDK's defaults, which are Grafana's own
	return x, nil
}

// builtInAnnotation shows what people write into the graphs themselves. Grafana adds it where it is missing.
func builtInAnnotation() dashboard.AnnotationQuery {
	return dashboard.AnnotationQuery{
		Name: "Annotations & Alerts", Type: cog.ToPtr("dashboard"), BuiltIn: cog.ToPtr(1.0),
		Datasource: &common.DataSourceRef{Type: cog.ToPtr("grafana"), Uid: cog.ToPtr("-- Grafana --")},
		Enable:     true, Hide: cog.ToPtr(true), IconColor: "rgba(0, 211, 255, 1)",
	}
}

// annotation marks the moments at which the expression has series.
func annotation(a plan.Annotation) (dashboard.AnnotationQuery, error) {
	e := a.Expr
	if e.Tree != nil && e.Type.Range.Lo <= 0 {
		// Grafana passes over values of 0 and below, such as those of up == 0.
		one := &parser.NumberLiteral{Val: 1}
		e.Tree = &parser.Call{Func: parser.Functions["clamp"], Args: parser.Expressions{e.Tree, one, one}}
	}
	q, err := dashboard.NewAnnotationQueryBuilder().Name(a.Title).Datasource(dataSource()).
		Enable(!a.Hidden).Hide(false).IconColor(colors[a.Level]).TitleFormat(a.Title).TextFormat(a.Text).
		Target(prometheus.NewDataqueryBuilder().Datasource(dataSource()).EditorMode(prometheus.QueryEditorModeCode).
			Expr(e.Pretty()).RefId("Anno").Range()).Build()
	q.Placement = nil // the SDK's default would move its switch into a menu
	return q, err
}
