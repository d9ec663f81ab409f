package grafana

import (
	"math"
	"strconv"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/variants"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/dashboards"
	"github.com/obsgen/obsgen/infer"
	"github.com/obsgen/obsgen/plan"
	"github.com/obsgen/obsgen/unit"
)

// panelBuilder is what the SDK's builders of all panel kinds have in common.
type panelBuilder[B any] interface {
	cog.Builder[dashboard.Panel]
	Id(uint32) B
	Title(string) B
	Description(string) B
	GridPos(dashboard.GridPos) B
	Datasource(common.DataSourceRef) B
	Links([]cog.Builder[dashboard.DashboardLink]) B
	WithTarget(cog.Builder[variants.Dataquery]) B
	Unit(string) B
	Decimals(float64) B
	Min(float64) B
	Max(float64) B
	Mappings([]dashboard.ValueMapping) B
	Thresholds(cog.Builder[dashboard.ThresholdsConfig]) B
	DataLinks([]cog.Builder[dashboard.DashboardLink]) B
}

// head gives a panel its place and texts.
func head[B panelBuilder[B]](b B, p *plan.Panel) B {
	b = b.Id(uint32(p.ID)).Title(p.Title).GridPos(gridPos(p.Grid))
	if p.Description != "" {
		b = b.Description(p.Description)
	}
	if links := panelLinks(p); len(links) > 0 {
		b = b.Links(builders(links))
	}
	return b
}

// asking gives a panel its head and queries.
func asking[B panelBuilder[B]](b B, p *plan.Panel) B {
	b = head(b, p).Datasource(dataSource())
	for _, t := range p.Targets {
		b = b.WithTarget(targetOf(p, t))
	}
	return b
}

// showing gives a panel its head, its queries, and how values are shown: unit, ends of the scale, thresholds,
// meanings and links.
func showing[B panelBuilder[B]](b B, p *plan.Panel) B {
	s := scaleOf(p.Unit)
	b = asking(b, p).Unit(s.id).Thresholds(thresholds(p, s, green))
	if lo := p.Min; lo != nil && !s.point && !p.HasDown() && (!p.LogScale || *lo > 0) {
		b = b.Min(*lo)
	}
	if hi := p.Max; hi != nil && !s.point {
		b = b.Max(*hi)
	}
	if len(p.States) > 0 {
		b = b.Mappings(mappings(p.States))
	}
	if links := dataLinks(p); len(links) > 0 {
		b = b.DataLinks(builders(links))
	}
	return b
}

// number gives a panel of large numbers what showing gives, the decimals that its thresholds ask for, and
// a dash where there is no value: "No data" would not fit.
func number[B interface {
	panelBuilder[B]
	NoValue(string) B
}](b B, p *plan.Panel) B {
	b = showing(b, p).NoValue(noValue)
	if n, ok := decimals(p); ok {
		b = b.Decimals(float64(n))
	}
	return b
}

const noValue = "–"

// scale is the unit in which values are shown, by Grafana's id, and the factor that brings them into it.
type scale struct {
	id     string
	factor float64
	point  bool // in time, where no end of the range has a meaning
}

func scaleOf(u unit.Unit) scale {
	id, _ := u.GrafanaID()
	if u.IsPoint() && u.SameDimension(unit.Seconds) {
		return scale{id: id, factor: 1000 * u.Scale(), point: true} // times are milliseconds to Grafana
	}
	return scale{id: id, factor: 1}
}

// targetOf returns a target, whose values are in the panel's scale or, in a table, in that of its column.
func targetOf(p *plan.Panel, t plan.Target) *prometheus.DataqueryBuilder {
	q := prometheus.NewDataqueryBuilder().Datasource(dataSource()).EditorMode(prometheus.QueryEditorModeCode).
		RefId(t.RefID).Expr(plan.Expr{Tree: shown(p, t), Window: t.Expr.Window}.Pretty())
	if t.Instant {
		q.Instant()
	} else {
		q.Range()
	}
	switch {
	case p.Kind == dashboards.KindTable:
		return q.Format(prometheus.PromQueryFormatTable)
	case t.Buckets && t.Expr.Type.Native == infer.Must:
		return q.Format(prometheus.PromQueryFormatHeatmap)
	case t.Buckets:
		return q.Format(prometheus.PromQueryFormatHeatmap).LegendFormat("{{le}}")
	case t.Legend == "":
		q.LegendFormat("__auto")
	default:
		q.LegendFormat(t.Legend)
	}
	return q.Format(prometheus.PromQueryFormatTimeSeries)
}

// shown returns a target's expression as the panel needs it.
func shown(p *plan.Panel, t plan.Target) parser.Expr {
	e := t.Expr.Tree
	if e == nil {
		return nil
	}
	u := p.Unit
	switch p.Kind {
	case dashboards.KindTable:
		u = t.Expr.Type.Unit
	case dashboards.KindHeatmap:
		return e // its unit is of the axis, not of the values
	}
	if f := scaleOf(u).factor; f != 1 {
		if _, ok := e.(*parser.BinaryExpr); ok {
			e = &parser.ParenExpr{Expr: e}
		}
		e = &parser.BinaryExpr{Op: parser.MUL, LHS: e, RHS: &parser.NumberLiteral{Val: f}}
	}
	if p.Kind == dashboards.KindBarGauge && t.Instant && !ordered(e) {
		// Bars stand in the order in which the series come, and Prometheus promises none but here.
		e = &parser.Call{Func: parser.Functions["sort_desc"], Args: parser.Expressions{e}}
	}
	return e
}

// ordered reports whether Prometheus answers in an order that the expression asks for.
func ordered(e parser.Expr) bool {
	switch n := e.(type) {
	case *parser.AggregateExpr:
		return n.Op == parser.TOPK || n.Op == parser.BOTTOMK
	case *parser.Call:
		return strings.HasPrefix(n.Func.Name, "sort")
	}
	return false
}

// decimals returns how many digits tell a share from its thresholds: one more than they have as percentages.
// Where there are none, Grafana's own choice is good.
func decimals(p *plan.Panel) (n int, ok bool) {
	if !p.Unit.IsShare() {
		return 0, false
	}
	for _, t := range p.Thresholds {
		percent := math.Round(t.At*p.Unit.Scale()*100*1e6) / 1e6
		_, digits, _ := strings.Cut(strconv.FormatFloat(percent, 'f', -1, 64), ".")
		n, ok = max(n, len(digits)+1), true
	}
	return min(n, 4), ok
}

// manySeries reports whether a panel can show more than one series.
func manySeries(p *plan.Panel) bool { return len(p.Targets) > 1 || hasLabels(p) }

// hasLabels reports whether labels tell a panel's series apart, so that nobody knows how many there are.
func hasLabels(p *plan.Panel) bool {
	for _, t := range p.Targets {
		if strings.Contains(t.Legend, "{{") {
			return true
		}
	}
	return false
}
