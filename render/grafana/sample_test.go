package grafana

import (
	"strings"
	"testing"
	"time"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/dashboards"
	"github.com/obsgen/obsgen/infer"
	"github.com/obsgen/obsgen/plan"
	"github.com/obsgen/obsgen/project"
	"github.com/obsgen/obsgen/query"
	"github.com/obsgen/obsgen/unit"
)

var (
	reqps = unit.PerSecond(unit.Requests)
	obsps = unit.PerSecond(unit.Count("observations"))
)

// expr parses an expression whose values have a unit.
func expr(t testing.TB, text string, u unit.Unit) plan.Expr {
	t.Helper()
	e, err := query.ParseOpen(text, plan.RateInterval)
	if err != nil {
		t.Fatal(err)
	}
	return plan.Expr{Tree: e, Type: infer.Type{Unit: u, Range: infer.Anything}}
}

func ptr(x float64) *float64 { return &x }

// alert returns a rule that alerts.
func alert(name string) *plan.Rule {
	return &plan.Rule{Alert: &plan.Alert{Name: name, RunbookURL: "https://runbooks.example/alerts/" + name + ".md"}}
}

// sample returns a plan with every kind of panel and every option.
func sample(t testing.TB) *plan.Plan {
	one := func(legend string, e plan.Expr) []plan.Target {
		return []plan.Target{{RefID: "A", Expr: e, Legend: legend}}
	}
	now := func(legend string, e plan.Expr) []plan.Target {
		return []plan.Target{{RefID: "A", Expr: e, Legend: legend, Instant: true}}
	}
	id := 0
	place := func(p *plan.Panel, x, y, w, h int) *plan.Panel {
		id++
		p.ID, p.Grid = 100+id, plan.Grid{X: x, Y: y, W: w, H: h}
		return p
	}
	slow, many, few := alert("CafeSlow"), alert("CafeManyErrors"), alert("CafeFewBaristas")
	detail := &plan.Board{UID: "cafe-detail", Title: "Café / Detail", Purpose: "Which table?", Folder: "Cafe Berlin", Tags: []string{"cafe"}, Last: 90 * time.Minute,
		Variables: []plan.Variable{
			{Kind: dashboards.LabelValues, Name: "job", Title: "Job", Label: "job", From: "up", Targets: 1},
			{Kind: dashboards.LabelValues, Name: "instance", Title: "Instance", Label: "instance", From: "up", Targets: 1},
			{Kind: dashboards.LabelValues, Name: "drink", Title: "Drink", Label: "drink", From: "cafe_orders_total", Single: true, Targets: 1},
		},
	}
	price := place(&plan.Panel{Title: "Price", Kind: dashboards.KindTimeSeries, Unit: unit.One,
		Targets: one("Price", expr(t, `avg(cafe_price{job=~"$job", instance=~"$instance", drink=~"$drink"})`, unit.One))}, 0, 0, 24, 8)
	detail.Rows = []plan.Row{{Panels: []*plan.Panel{price}}}

	board := &plan.Board{
		UID: "cafe-overview", Title: "Café / Overview", Purpose: "Is the café well?", Folder: "Cafe Berlin",
		Tags: []string{"cafe", "generated"}, Refresh: 90 * time.Second, Last: time.Hour,
		Variables: []plan.Variable{
			{Kind: dashboards.LabelValues, Name: "job", Title: "Job", Label: "job", From: "up", Targets: 3},
			{Kind: dashboards.LabelValues, Name: "drink", Title: "Drink", Label: "drink", From: "cafe_orders_total", Targets: 3},
			{Kind: dashboards.CustomList, Name: "size", Title: "Size", Options: []string{"small", "large, hot"}, Targets: 1},
			{Kind: dashboards.Intervals, Name: "window", Title: "Window", Options: []string{"1m", "5m", "1h"}, Single: true, Targets: 1},
			{Kind: dashboards.Filters, Name: "filters", Title: "Filters"},
		},
		Links: []plan.Link{{Title: "Detail", Board: detail}, {Title: "Price alone", Board: detail, Panel: price}, {Title: "Menu", URL: "https://cafe.example/menu"}},
		Annotations: []plan.Annotation{
			{Title: "Down", Expr: expr(t, `up{job=~"$job"} == 0`, unit.State), Text: "{{instance}} is down", Level: catalog.Bad},
			{Title: "Firing", Expr: plan.Expr{Tree: expr(t, `ALERTS{alertstate="firing"}`, unit.One).Tree,
				Type: infer.Type{Range: infer.Range{Lo: 1, Hi: 1}}}, Text: "{{alertname}}", Level: catalog.Caution, Hidden: true},
		},
	}
	latency := place(&plan.Panel{Title: "Latency", Kind: dashboards.KindTimeSeries, Unit: unit.Seconds, Min: ptr(0),
		Description: "Time to serve, by drink.\n\nBad above 2 s.\n\nAlert: CafeSlow.",
		Targets: []plan.Target{
			{RefID: "A", Expr: expr(t, `histogram_quantile(0.95, sum by (drink, le) (rate(cafe_serve_seconds_bucket{drink=~"$drink"}[$__rate_interval])))`, unit.Seconds), Legend: "p95 {{drink}}"},
			{RefID: "B", Expr: expr(t, `histogram_quantile(0.5, sum by (drink, le) (rate(cafe_serve_seconds_bucket{drink=~"$drink"}[$__rate_interval])))`, unit.Seconds), Legend: "p50 {{drink}}"},
		},
		Thresholds: []plan.Threshold{{At: 2, Level: catalog.Bad, Alert: slow}},
		Alerts:     []*plan.Rule{slow},
		Links: []plan.Link{
			{Title: "Detail of the drink", Board: detail, Set: []string{"drink"}, Carry: []string{"job"}},
			{Title: "Price", Board: detail, Panel: price, Carry: []string{"job"}},
			{Title: "Recipes", URL: "https://cafe.example/recipes?a=1&b=<2>"},
		},
	}, 0, 1, 12, 8)
	traffic := place(&plan.Panel{Title: "Money", Kind: dashboards.KindTimeSeries, Unit: reqps, Stack: true, LogScale: true, Min: ptr(0),
		Targets: []plan.Target{
			{RefID: "A", Expr: expr(t, `sum(rate(cafe_in_total{size=~"$size"}[5m]))`, reqps), Legend: "in"},
			{RefID: "B", Expr: expr(t, `sum(rate(cafe_out_total[5m]))`, reqps), Legend: "out", Down: true},
		},
		Thresholds: []plan.Threshold{{At: 1, Level: catalog.Caution, Below: true}, {At: 10, Level: catalog.Bad}},
	}, 12, 1, 12, 8)
	errors := place(&plan.Panel{Title: "Errors", Kind: dashboards.KindStat, Unit: unit.Ratio, Min: ptr(0), Reduce: dashboards.Newest,
		Targets:    one("Errors", expr(t, `sum(rate(cafe_spilt_total[$__rate_interval])) / sum(rate(cafe_orders_total[$__rate_interval]))`, unit.Ratio)),
		Thresholds: []plan.Threshold{{At: 0.005, Level: catalog.Caution}, {At: 0.05, Level: catalog.Bad, Alert: many}},
		Alerts:     []*plan.Rule{many},
	}, 0, 9, 6, 4)
	opened := place(&plan.Panel{Title: "Opened", Kind: dashboards.KindStat, Unit: unit.Timestamp, NoGraph: true, Min: ptr(0), Reduce: dashboards.Largest,
		Targets: one("Opened", expr(t, `max(cafe_opened_timestamp_seconds) - 5`, unit.Timestamp))}, 6, 9, 6, 4)
	health := []catalog.State{{Value: 0, Name: "well", Level: catalog.Good}, {Value: 1, Name: "tired", Level: catalog.Caution},
		{Value: 2, Name: "ill", Level: catalog.Bad}, {Value: 3, Name: "away", Level: catalog.Neutral}}
	state := place(&plan.Panel{Title: "Barista", Kind: dashboards.KindStat, Unit: unit.State, States: health,
		Targets: one("{{barista}}", expr(t, `max by (barista) (cafe_barista_state)`, unit.State))}, 12, 9, 6, 4)
	full := place(&plan.Panel{Title: "Seats taken", Kind: dashboards.KindGauge, Unit: unit.Ratio, Min: ptr(0), Max: ptr(1), Reduce: dashboards.Mean,
		Targets: one("Seats taken", expr(t, `avg(cafe_seats_ratio)`, unit.Ratio))}, 18, 9, 6, 4)
	staff := place(&plan.Panel{Title: "Staff", Kind: dashboards.KindGauge, Unit: unit.Count("baristas"), Min: ptr(0), Max: ptr(10),
		Targets:    one("Staff", expr(t, `sum(cafe_baristas)`, unit.Count("baristas"))),
		Thresholds: []plan.Threshold{{At: 2, Level: catalog.Bad, Below: true, Alert: few}, {At: 4, Level: catalog.Caution, Below: true}},
		Alerts:     []*plan.Rule{few},
	}, 0, 13, 8, 8)
	popular := place(&plan.Panel{Title: "Popular", Kind: dashboards.KindBarGauge, Unit: reqps, Min: ptr(0),
		Targets: now("{{drink}}", expr(t, `sum by (drink) (rate(cafe_orders_total[5m]))`, reqps))}, 8, 13, 8, 8)
	share := place(&plan.Panel{Title: "Share", Kind: dashboards.KindPie, Unit: reqps, Donut: true,
		Targets: now("{{drink}}", expr(t, `sum by (drink) (rate(cafe_orders_total[5m]))`, reqps))}, 16, 13, 8, 8)
	table := place(&plan.Panel{Title: "Tables", Kind: dashboards.KindTable, Unit: reqps, Labels: []string{"table", "drink"},
		Targets: []plan.Target{
			{RefID: "A", Expr: expr(t, `sum by (table, drink) (rate(cafe_orders_total[5m]))`, reqps), Legend: "Orders", Instant: true},
			{RefID: "B", Expr: expr(t, `max by (table, drink) (cafe_order_timestamp_seconds)`, unit.Timestamp), Legend: "Last", Instant: true},
		},
		Thresholds: []plan.Threshold{{At: 3, Level: catalog.Bad}},
		Links:      []plan.Link{{Title: "Detail", Board: detail, Set: []string{"drink"}}},
	}, 0, 21, 12, 8)
	plain := place(&plan.Panel{Title: "Baristas", Kind: dashboards.KindTable, Unit: unit.State, States: health, Labels: []string{"barista"},
		Targets: now("", expr(t, `cafe_barista_state`, unit.State))}, 12, 21, 12, 8)
	heat := place(&plan.Panel{Title: "Serving", Kind: dashboards.KindHeatmap, Unit: unit.Seconds,
		Targets: []plan.Target{{RefID: "A", Buckets: true, Legend: "{{le}}", Expr: expr(t, `sum by (le) (rate(cafe_serve_seconds_bucket[$__rate_interval]))`, obsps)}}}, 0, 1, 12, 8)
	native := expr(t, `sum(rate(cafe_serve_seconds[$__rate_interval]))`, obsps)
	native.Type.Native = infer.Must
	nativeHeat := place(&plan.Panel{Title: "Serving, native", Kind: dashboards.KindHeatmap, Unit: unit.Seconds,
		Targets: []plan.Target{{RefID: "A", Buckets: true, Legend: "{{le}}", Expr: native}}}, 12, 1, 12, 8)
	band := place(&plan.Panel{Title: "Baristas over time", Kind: dashboards.KindStateTimeline, Unit: unit.State, States: health,
		Targets: one("{{barista}}", expr(t, `max by (barista) (cafe_barista_state)`, unit.State))}, 0, 9, 12, 6)
	levels := place(&plan.Panel{Title: "Milk over time", Kind: dashboards.KindStateTimeline, Unit: unit.Ratio,
		Targets:    one("{{fridge}}", expr(t, `min by (fridge) (cafe_milk_ratio)`, unit.Ratio)),
		Thresholds: []plan.Threshold{{At: 0.2, Level: catalog.Bad, Below: true}}}, 12, 9, 12, 6)
	spread := place(&plan.Panel{Title: "Spread", Kind: dashboards.KindHistogram, Unit: unit.Celsius,
		Targets: one("{{table}}", expr(t, `avg by (table) (cafe_cup_celsius)`, unit.Celsius))}, 0, 15, 12, 8)
	note := place(&plan.Panel{Title: "Read me", Kind: dashboards.KindText, Markdown: "# Hello\n\nOver $window. <b>&</b> `\\u003c`"}, 12, 15, 12, 3)
	lonely := place(&plan.Panel{Title: "Lonely", Kind: dashboards.KindTimeSeries, Unit: unit.Bytes,
		Targets: one("Lonely", expr(t, `sum(cafe_bytes{drink=~"$drink"})`, unit.Bytes))}, 0, 30, 24, 6)

	board.Rows = []plan.Row{
		{ID: 1, Title: "Now", Y: 0, Panels: []*plan.Panel{latency, traffic, errors, opened, state, full, staff, popular, share, table, plain}},
		{ID: 2, Title: "More", Y: 29, Collapsed: true, Panels: move(29, heat, nativeHeat, band, levels, spread, note)},
		{ID: 3, Title: "Each drink", Y: 30, Repeat: "drink", Panels: move(1, lonely)},
	}
	return &plan.Plan{
		Name: "cafe", Title: "Café", Owner: "baristas", Boards: []*plan.Board{board, detail},
		Profile: project.Profile{Name: "default", Job: "cafe", DataSource: "prometheus", PrometheusURL: "http://prometheus:9090", ScrapeInterval: 15 * time.Second},
	}
}

// move shifts panels down.
func move(by int, ps ...*plan.Panel) []*plan.Panel {
	for _, p := range ps {
		p.Grid.Y += by
	}
	return ps
}

// rendered returns the files of a plan by path.
func rendered(t testing.TB, p *plan.Plan) map[string][]byte {
	t.Helper()
	files, err := Render(p)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, f := range files {
		if _, again := out[f.Path]; again {
			t.Errorf("%s is written twice", f.Path)
		}
		out[f.Path] = f.Data
	}
	return out
}

// onlyBoards keeps the dashboards of a tree.
func onlyBoards(files map[string][]byte) map[string][]byte {
	out := map[string][]byte{}
	for path, data := range files {
		if strings.HasSuffix(path, ".json") {
			out[path] = data
		}
	}
	return out
}
