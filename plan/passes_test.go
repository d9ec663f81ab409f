package plan_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/catalog/external"
	"github.com/obsgen/obsgen/dashboards"
	"github.com/obsgen/obsgen/internal/engine"
	"github.com/obsgen/obsgen/plan"
	"github.com/obsgen/obsgen/query"
	"github.com/obsgen/obsgen/rules"
)

// dash declares one dashboard with one row of panels.
func dash(d dashboards.Dashboard, ps ...*dashboards.Panel) []*dashboards.Board {
	d.Title, d.Purpose = "App", "p"
	d.Rows = append([]dashboards.Row{{Panels: ps}}, d.Rows...)
	return []*dashboards.Board{dashboards.New("app", d)}
}

func firstQuery(p *plan.Plan) string { return p.Boards[0].Panels()[0].Targets[0].Expr.Text() }

// TestScope keeps target labels and confines metrics of others.
func TestScope(t *testing.T) {
	job, oneJob := dashboards.Values(catalog.Job), dashboards.Values(catalog.Job).OneAtATime()
	for _, c := range []struct {
		name string
		d    dashboards.Dashboard
		expr query.Vector
		want string
	}{
		{"a picker of several", dashboards.Dashboard{Variables: []dashboards.Variable{job}}, all, `sum by (protocol) (rate(app_requests_total{job=~"$job"}[$__rate_interval]))`},
		{"a picker of one", dashboards.Dashboard{Variables: []dashboards.Variable{oneJob}}, all, `sum by (protocol) (rate(app_requests_total{job="$job"}[$__rate_interval]))`},
		{"kept", dashboards.Dashboard{Variables: []dashboards.Variable{oneJob}, Keep: keepJob()}, all, `sum by (protocol, job) (rate(app_requests_total{job="$job"}[$__rate_interval]))`},
		{"kept in matching, too", dashboards.Dashboard{Variables: []dashboards.Variable{oneJob}, Keep: keepJob()},
			all.Add(failed, query.On(Protocol)), `sum by (protocol, job) (rate(app_requests_total{job="$job"}[$__rate_interval])) + on (protocol, job) sum by (protocol, job) (rate(app_errors_total{job="$job"}[$__rate_interval]))`},
		{"of others, with a picker", dashboards.Dashboard{Variables: []dashboards.Variable{job}}, query.Select(external.Up), `up{job=~"$job"}`},
		{"of others, without", dashboards.Dashboard{}, query.Select(external.Up), `up{job="app"}`},
		{"of others, with a matcher", dashboards.Dashboard{}, query.Select(external.Up, catalog.Job.Matches("a.*")), `up{job=~"a.*"}`},
		{"a window that the reader picks", dashboards.Dashboard{Variables: []dashboards.Variable{dashboards.Interval("w", time.Minute, time.Hour)}}, all, `sum by (protocol) (rate(app_requests_total[$w]))`},
		{"the dashboard's window", dashboards.Dashboard{Window: time.Hour}, all, `sum by (protocol) (rate(app_requests_total[1h]))`},
	} {
		p := resolve(15*time.Second, dash(c.d, panel("P", c.expr, 0)))
		if ids := faults(p); len(ids) > 0 {
			t.Errorf("%s: %v", c.name, p.Findings)
		}
		if d := cmp.Diff(c.want, firstQuery(p)); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
	several := resolve(15*time.Second, dash(dashboards.Dashboard{Variables: []dashboards.Variable{job}, Keep: keepJob()}, panel("P", all, 0)))
	if d := cmp.Diff([]string{"dashboard/keep"}, faults(several)); d != "" {
		t.Error(d)
	}
	idle := resolve(15*time.Second, dash(dashboards.Dashboard{Variables: []dashboards.Variable{dashboards.Interval("w", time.Minute)}}, panel("P", all, time.Hour)))
	if d := cmp.Diff([]string{"variable/unused"}, faults(idle)); d != "" {
		t.Error(d)
	}
}

// TestVariables searches values in the service's own series before those that every target has.
func TestVariables(t *testing.T) {
	d := dashboards.Dashboard{Variables: []dashboards.Variable{dashboards.Values(catalog.Job).Titled("Job"), dashboards.ValuesOf(Protocol, Errors), dashboards.Custom("size", "s", "m")}}
	p := resolve(15*time.Second, dash(d, panel("Up", query.Select(external.Up), 0), panel("P", all, 0), panel("E", failed, 0)))
	var got []string
	for _, v := range p.Boards[0].Variables {
		got = append(got, fmt.Sprintf("%s %q %s %d", v.Name, v.Title, v.From, v.Targets))
	}
	want := []string{`job "Job" app_requests_total 3`, `protocol "protocol" app_errors_total 2`, `size "size"  0`}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// TestOrder puts rules after what they read, within a group and among groups.
func TestOrder(t *testing.T) {
	ratio := query.Ratio(failed, all, query.Quiet)
	p := resolve(15*time.Second, nil,
		rules.NewGroup("alerts", rules.Group{Keep: keepJob(), Alerts: []*rules.AlertingRule{alert(ratio.Above(0.5), nil)}}),
		rules.NewGroup("records", rules.Group{Keep: keepJob(), Records: []*rules.RecordingRule{record(ratio), record(all), record(failed)}}),
	)
	var got []string
	for _, g := range p.Groups {
		for _, r := range g.Rules {
			got = append(got, g.Name+" "+r.Name()+" = "+r.Expr.Text())
		}
	}
	want := []string{
		"records protocol:app_requests:rate5m = sum by (protocol, job) (rate(app_requests_total[5m]))",
		"records protocol:app_errors:rate5m = sum by (protocol, job) (rate(app_errors_total[5m]))",
		"records protocol:app_errors_per_requests:ratio_rate5m = (protocol:app_errors:rate5m or protocol:app_requests:rate5m * 0) / (protocol:app_requests:rate5m > 0)",
		"alerts AppFails = protocol:app_errors_per_requests:ratio_rate5m > 0.5",
	}
	slices.Sort(want[:2])
	slices.Sort(got[:2])
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	alerting := p.Groups[1].Rules[0]
	if len(alerting.Reads) != 1 || alerting.Reads[0].Record != "protocol:app_errors_per_requests:ratio_rate5m" {
		t.Errorf("the alert reads %v", alerting.Reads)
	}
	if rs := p.Readers[Errors.Def()]; len(rs) == 0 {
		t.Error("nobody is said to read the errors, which are read through recorded series")
	}
}

// TestUnits takes a panel's unit, ends and states from its queries.
func TestUnits(t *testing.T) {
	p := resolve(15*time.Second, dash(dashboards.Dashboard{},
		panel("rate", all, 0), panel("share", query.Ratio(failed, all, query.Quiet), 0), panel("time", query.Quantile(0.9, Duration), 0),
		panel("state", query.Select(external.Up), 0), panel("count", query.Select(external.Up).Sum(), 0),
		dashboards.NewGauge("dial", dashboards.Gauge{Shows: "s", BadWhen: "b", Query: query.Ratio(failed.Sum(), all.Sum(), query.Zero)})))
	var got []string
	for _, x := range p.Boards[0].Panels() {
		ends := func(v *float64) string {
			if v == nil {
				return "–"
			}
			return fmt.Sprint(*v)
		}
		got = append(got, fmt.Sprintf("%s: %s from %s to %s, %d states", x.Title, x.Unit, ends(x.Min), ends(x.Max), len(x.States)))
	}
	want := []string{
		"rate: requests/s from 0 to –, 0 states", "share: ratio from 0 to –, 0 states", "time: s from 0 to –, 0 states",
		"state: state from 0 to –, 2 states", "count: 1 from 0 to –, 0 states", "dial: ratio from 0 to 1, 0 states",
	}
	if d := cmp.Diff(want, got[:len(want)]); d != "" {
		t.Error(d)
	}
}

// TestLegends names series by what can tell them apart.
func TestLegends(t *testing.T) {
	p := resolve(15*time.Second, dash(dashboards.Dashboard{},
		panel("by protocol", all, 0), panel("alone", all.Sum(), 0), panel("raw", query.Select(Open), 0), panel("up", query.Select(external.Up), 0),
		dashboards.NewTimeSeries("several", dashboards.TimeSeries{Shows: "s", BadWhen: "b", Series: []dashboards.Series{
			{Query: all, Legend: dashboards.Named("all").By(Protocol)}, {Query: all.Sum(), Legend: dashboards.Named("sum")},
		}}),
		dashboards.NewTable("table", dashboards.Table{Shows: "s", BadWhen: "b", Columns: []dashboards.Column{{Title: "Requests", Query: query.Rate(Requests).Sum(Status, Protocol)}}})))
	var got []string
	for _, x := range p.Boards[0].Panels() {
		for _, target := range x.Targets {
			got = append(got, target.RefID+" "+target.Legend+" "+strings.Join(x.Labels, ","))
		}
	}
	want := []string{"A {{protocol}} ", "A alone ", "A {{protocol}} ", "A {{instance}} ", "A all {{protocol}} ", "B sum ", "A Requests status,protocol"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// TestRows collapses, repeats and places.
func TestRows(t *testing.T) {
	d := dashboards.Dashboard{
		Variables: []dashboards.Variable{dashboards.Values(Protocol)},
		Rows: []dashboards.Row{
			{Title: "Hidden", Collapsed: true, Panels: []*dashboards.Panel{panel("A", all, 0), panel("B", failed, 0)}},
			{Title: "Each", Repeat: Protocol, Panels: []*dashboards.Panel{panel("C", all.TopK(2), 0)}},
		},
	}
	p := resolve(15*time.Second, dash(d, panel("First", all, 0)))
	if ids := faults(p); len(ids) > 0 {
		t.Fatal(p.Findings)
	}
	rows := p.Boards[0].Rows
	if rows[0].Y != 0 || rows[1].Y != 8 || rows[2].Y != 9 || rows[2].Repeat != "protocol" || !rows[1].Collapsed {
		t.Errorf("rows %+v", rows)
	}
	if g := rows[1].Panels[0].Grid; g.Y != 9 {
		t.Errorf("a panel of a collapsed row is at %+v", g)
	}
	d.Variables = nil
	if d := cmp.Diff([]string{"row/repeat"}, faults(resolve(15*time.Second, dash(d, panel("First", all, 0))))); d != "" {
		t.Error(d)
	}
}

// TestLinks carry what both dashboards can pick, and the labels of what was clicked.
func TestLinks(t *testing.T) {
	target := dashboards.New("detail", dashboards.Dashboard{
		Title: "Detail", Purpose: "p", Variables: []dashboards.Variable{dashboards.Values(catalog.Job), dashboards.Values(Protocol)},
		Rows: []dashboards.Row{{Panels: []*dashboards.Panel{panel("D", all, 0)}}},
	})
	from := func(l dashboards.Link) []*dashboards.Board {
		x := dashboards.NewTimeSeries("P", dashboards.TimeSeries{Shows: "s", BadWhen: "b", Query: all, Links: []dashboards.Link{l}})
		return append(dash(dashboards.Dashboard{Variables: []dashboards.Variable{dashboards.Values(catalog.Job), dashboards.Values(Protocol)}, Links: []dashboards.Link{{Dashboard: "detail"}}}, x), target)
	}
	p := resolve(15*time.Second, from(dashboards.Link{Dashboard: "detail", Set: []catalog.AnyLabel{Protocol}}))
	if ids := faults(p); len(ids) > 0 {
		t.Fatal(p.Findings)
	}
	l := p.Boards[0].Panels()[0].Links[0]
	if l.Title != "Detail" || !slices.Equal(l.Carry, []string{"job"}) || !slices.Equal(l.Set, []string{"protocol"}) {
		t.Errorf("the panel's link is %+v", l)
	}
	if l := p.Boards[0].Links[0]; !slices.Equal(l.Carry, []string{"job", "protocol"}) {
		t.Errorf("the dashboard's link is %+v", l)
	}
	if d := cmp.Diff([]string{"link/target"}, faults(resolve(15*time.Second, from(dashboards.Link{Title: "T", URL: "https://example.org", Set: []catalog.AnyLabel{Protocol}})))); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"link/label"}, faults(resolve(15*time.Second, from(dashboards.Link{Dashboard: "detail", Set: []catalog.AnyLabel{Status}})))); d != "" {
		t.Error(d)
	}
}

// TestInstant asks for one moment where the newest value is shown, and for all where they are reduced otherwise.
func TestInstant(t *testing.T) {
	bars := func(title string, r dashboards.Reduce) *dashboards.Panel {
		return dashboards.NewBarGauge(title, dashboards.BarGauge{Shows: "s", BadWhen: "b", Query: all, Reduce: r})
	}
	p := resolve(15*time.Second, dash(dashboards.Dashboard{}, bars("newest", ""), bars("largest", dashboards.Largest)))
	ps := p.Boards[0].Panels()
	if !ps[0].Targets[0].Instant || ps[1].Targets[0].Instant || ps[1].Reduce != dashboards.Largest {
		t.Errorf("%+v, %+v", ps[0].Targets, ps[1].Targets)
	}
}

// TestUnread wants a reader for every metric and recorded series.
func TestUnread(t *testing.T) {
	p := resolve(15*time.Second, dash(dashboards.Dashboard{}, panel("P", all, time.Hour)), rules.NewGroup("g", rules.Group{Records: []*rules.RecordingRule{record(all)}}))
	var got []string
	for _, f := range p.Findings {
		got = append(got, f.ID+" "+f.Subject)
	}
	slices.Sort(got)
	want := []string{"metric/unread app_duration_seconds", "metric/unread app_errors_total", "metric/unread app_open", "record/unread protocol:app_requests:rate5m"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// random makes expressions of which parts are recorded.
type random struct{ r *rand.Rand }

func (x random) by() []catalog.AnyLabel {
	return [][]catalog.AnyLabel{nil, {Protocol}, {Status}, {Protocol, Status}, {Protocol, catalog.Instance}}[x.r.IntN(5)]
}

func (x random) sum() query.Vector {
	var ms []catalog.Matcher
	switch x.r.IntN(4) {
	case 0:
		ms = []catalog.Matcher{Protocol.Matches("h.*")}
	case 1:
		ms = []catalog.Matcher{Status.Matches("5..")}
	}
	switch x.r.IntN(5) {
	case 0:
		return query.Select(Open).Max(Protocol)
	case 1:
		return query.Quantile(0.9, Duration, Protocol)
	case 2:
		return query.Increase(Requests, ms...).Sum(x.by()...)
	}
	return query.Rate(Requests, ms...).Sum(x.by()...)
}

func (x random) vector(depth int) query.Vector {
	if depth == 0 {
		return x.sum()
	}
	v := x.vector(depth - 1)
	switch x.r.IntN(8) {
	case 0:
		return v.Add(query.Number(1))
	case 1:
		return v.Max()
	case 2:
		return v.Or(x.vector(depth - 1))
	case 3:
		return query.Ratio(query.Rate(Requests, Status.Matches("5..")).Sum(Protocol), all, query.Zero)
	case 4:
		return v.Subquery(10*time.Minute, 5*time.Minute).MaxOverTime()
	case 5:
		return v.Above(0.1).Vector
	case 6:
		return v.Offset(5 * time.Minute)
	}
	return v.Sum()
}

// TestRewritingKeepsValues evaluates random expressions, as written and as rewritten to read recorded series, in
// Prometheus's engine on random data.
func TestRewritingKeepsValues(t *testing.T) {
	start := time.Unix(1_700_000_100, 0) // a multiple of the subqueries' step
	m := &engine.Memory{}
	engine.Fill(m, metrics, "app", start, 200, 3)
	recorded := []*rules.RecordingRule{
		record(query.Rate(Requests).Sum(Protocol, Status, catalog.Instance)), record(query.Rate(Requests, Status.Matches("5..")).Sum(Protocol)),
		record(query.Increase(Requests).Sum(Status)), record(query.Buckets(Duration, Protocol)), record(query.Select(Open).Max(Protocol)),
		record(query.Quantile(0.9, Duration, Protocol)),
	}
	recorded[1].Measure = "app_failures"
	x := random{rand.New(rand.NewPCG(5, 6))}
	var ps []*dashboards.Panel
	for i := range 400 {
		v := x.vector(x.r.IntN(4))
		if len(v.Findings()) == 0 {
			ps = append(ps, panel(fmt.Sprint(i), v, 5*time.Minute))
		}
	}
	p := resolve(15*time.Second, dash(dashboards.Dashboard{}, ps...), rules.NewGroup("g", rules.Group{Records: recorded}))
	at := start.Add(40 * time.Minute)
	eval := func(e parser.Expr, at time.Time) map[string]float64 {
		results, err := m.Query(t.Context(), e.String(), at)
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]float64{}
		for _, r := range results {
			out[r.Labels.DropReserved(func(n string) bool { return n == model.MetricNameLabel }).String()] = r.Value
		}
		return out
	}
	for _, r := range p.Groups[0].Rules {
		for moment := start.Add(5 * time.Minute); !moment.After(at); moment = moment.Add(5 * time.Minute) {
			results, err := m.Query(t.Context(), r.Source.Tree.String(), moment)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range results {
				b := labels.NewBuilder(s.Labels)
				b.Set(model.MetricNameLabel, r.Record)
				m.Add(b.Labels(), moment, s.Value)
			}
		}
	}
	rewritten := 0
	for _, panel := range p.Boards[0].Panels() {
		target := panel.Targets[0]
		if target.Source.Text() == target.Expr.Text() {
			continue
		}
		rewritten++
		want, got := eval(target.Source.Tree, at), eval(target.Expr.Tree, at)
		same := len(want) == len(got)
		for k, w := range want {
			g, ok := got[k]
			same = same && ok && (math.Abs(w-g) <= 1e-9*math.Max(1, math.Abs(w)) || math.IsNaN(w) && math.IsNaN(g))
		}
		if !same {
			t.Errorf("%s\n\tis %v\n%s\n\tis %v", target.Source.Text(), want, target.Expr.Text(), got)
		}
	}
	if rewritten < 100 {
		t.Errorf("only %d expressions were rewritten", rewritten)
	}
}
