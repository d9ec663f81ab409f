// Package synthetic makes projects of any size, by which speed and memory are measured.
package synthetic

import (
	"fmt"
	"time"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/dashboards"
	"github.com/obsgen/obsgen/project"
	"github.com/obsgen/obsgen/query"
	"github.com/obsgen/obsgen/rules"
	"github.com/obsgen/obsgen/unit"
)

// Size is how much of everything a project has. Metrics come in groups of 20 and rules in groups of 100, half of
// them recording rules that the other half read.
type Size struct {
	Groups, Boards, PanelsPerBoard int
}

// Large is 1,000 metrics, 200 dashboards with 4,000 panels, and 5,000 rules: more than any one team has.
var Large = Size{Groups: 50, Boards: 200, PanelsPerBoard: 20}

type (
	zone   struct{}
	tenant struct{}
	kind   struct{}
)

var (
	zones   = catalog.OneOf("zone", "Where.", catalog.V[zone]("a"), catalog.V[zone]("b"))
	tenants = catalog.AtMost[tenant](50, "tenant", "For whom.")
	kinds   = catalog.AtMost[kind](10, "kind", "What.")

	all = catalog.By3(zones, tenants, kinds)
)

const metricsPerGroup = 20

// Project declares a project of a size. It has no fault.
func Project(s Size) *project.Project {
	var groups []*catalog.Group
	var ruleGroups []*rules.RuleGroup
	var expressions []query.Vector
	panels := map[int][]*dashboards.Panel{}
	for g := range s.Groups {
		group := catalog.NewGroup(fmt.Sprintf("Part %d", g), catalog.GroupSpec{Help: "A part of the service.", Owner: "core"})
		groups = append(groups, group)
		own := expressionsOf(group, g)
		records, alerts := rulesOf(g, own, func(p *dashboards.Panel) {
			n := g % max(s.Boards, 1)
			panels[n] = append(panels[n], p)
		})
		ruleGroups = append(ruleGroups, rules.NewGroup(fmt.Sprintf("part_%d", g), rules.Group{
			Help: "Rules of a part.", Owner: "core", Keep: []catalog.AnyLabel{catalog.Job}, Records: records, Alerts: alerts,
		}))
		expressions = append(expressions, own...)
	}
	var boards []*dashboards.Board
	next := 0
	for b := range s.Boards {
		ps := panels[b]
		for len(ps) < s.PanelsPerBoard {
			ps = append(ps, panel(fmt.Sprintf("Panel %d", len(ps)), expressions[next%len(expressions)]))
			next++
		}
		boards = append(boards, dashboards.New(fmt.Sprintf("board-%d", b), dashboards.Dashboard{
			Title: fmt.Sprintf("Board %d", b), Purpose: "How is this part?",
			Variables: []dashboards.Variable{dashboards.Values(catalog.Job).OneAtATime()},
			Keep:      []catalog.AnyLabel{catalog.Job},
			Rows:      []dashboards.Row{{Title: "First", Panels: ps[:len(ps)/2]}, {Title: "Second", Panels: ps[len(ps)/2:]}},
		}))
	}
	return project.New("synthetic", project.Spec{
		Title: "Synthetic", Owner: "core", Boards: boards, Groups: ruleGroups,
		Catalog: catalog.New("synthetic", catalog.CatalogSpec{Prefix: "app_", Groups: groups}),
	})
}

// expressionsOf declares a group's metrics and returns 50 expressions over them.
func expressionsOf(group *catalog.Group, g int) []query.Vector {
	name := func(kind string, i int, suffix string) string {
		return fmt.Sprintf("app_part%d_%s%d%s", g, kind, i, suffix)
	}
	var out []query.Vector
	by := [][]catalog.AnyLabel{nil, {zones}, {tenants}, {zones, tenants}}
	for i := range metricsPerGroup / 4 {
		c := catalog.NewCounter(group, name("requests", i, "_total"), all, catalog.Spec{Help: "Requests.", Unit: unit.Requests})
		e := catalog.NewCounter(group, name("errors", i, "_total"), all, catalog.Spec{Help: "Errors.", Unit: unit.Errors, PartOf: c})
		o := catalog.NewGauge(group, name("open", i, ""), all, catalog.Spec{Help: "Open.", Unit: unit.Connections, Range: catalog.AtLeast(0)})
		h := catalog.NewHistogram(group, name("duration", i, "_seconds"), all, catalog.Spec{
			Help: "Duration.", Unit: unit.Seconds, Buckets: []float64{.005, .01, .05, .1, .5, 1, 5},
		})
		for _, ls := range by[1:] {
			out = append(out, query.Rate(c).Sum(ls...), query.Ratio(query.Rate(e).Sum(ls...), query.Rate(c).Sum(ls...), query.Quiet))
		}
		out = append(out, query.Select(o).Sum(zones), query.Select(o).Max(tenants), query.Quantile(0.99, h, zones), query.Mean(h, tenants))
	}
	return out
}

const window = 5 * time.Minute

func panel(title string, v query.Vector) *dashboards.Panel {
	return dashboards.NewTimeSeries(title, dashboards.TimeSeries{
		Shows: "What it shows.", BadWhen: "What is bad.", Query: v, Window: window,
	})
}

// rulesOf records each expression and alerts on it, with a panel for the alerts.
func rulesOf(g int, vs []query.Vector, place func(*dashboards.Panel)) (records []*rules.RecordingRule, alerts []*rules.AlertingRule) {
	for i, v := range vs {
		p := panel(fmt.Sprintf("Alert %d", i), v)
		a := rules.Alert{
			When: v.Above(float64(i) / 100), For: window, Severity: rules.Ticket, Summary: rules.Textf("It is %v", rules.Value),
			Means: "Somebody waits.", Do: []string{"Look at it."}, NoPanel: "one panel is enough for a group",
		}
		if i == 0 {
			place(p)
			a.Panel, a.NoPanel = p, ""
		}
		records = append(records, rules.NewRecording(rules.Recording{Expr: v, Why: "The alert reads it."}))
		alerts = append(alerts, rules.NewAlert(fmt.Sprintf("Part%dTooHigh%d", g, i), a))
	}
	return records, alerts
}
