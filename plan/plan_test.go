package plan_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/catalog/external"
	"github.com/obsgen/obsgen/dashboards"
	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/plan"
	"github.com/obsgen/obsgen/project"
	"github.com/obsgen/obsgen/query"
	"github.com/obsgen/obsgen/rules"
	"github.com/obsgen/obsgen/unit"
)

type (
	protocol struct{}
	status   struct{}
)

var (
	Protocol = catalog.OneOf("protocol", "Protocol.", catalog.V[protocol]("http"), catalog.V[protocol]("grpc"))
	Status   = catalog.Pattern[status](`[1-5]\d\d`, 40, "status", "Status.")

	group    = catalog.NewGroup("Requests", catalog.GroupSpec{Help: "Requests.", Owner: "core"})
	Requests = catalog.NewCounter(group, "app_requests_total", catalog.By2(Protocol, Status), catalog.Spec{Help: "R.", Unit: unit.Requests})
	Errors   = catalog.NewCounter(group, "app_errors_total", catalog.By1(Protocol), catalog.Spec{Help: "E.", Unit: unit.Errors, PartOf: Requests})
	Duration = catalog.NewHistogram(group, "app_duration_seconds", catalog.By1(Protocol), catalog.Spec{Help: "D.", Unit: unit.Seconds, Buckets: []float64{.5, 1, 5}})
	Open     = catalog.NewGauge(group, "app_open", catalog.By1(Protocol), catalog.Spec{Help: "O.", Unit: unit.Connections, Range: catalog.AtLeast(0)})

	metrics = catalog.New("app", catalog.CatalogSpec{Prefix: "app_", Groups: []*catalog.Group{group, external.Scrape}})

	all    = query.Rate(Requests).Sum(Protocol)
	failed = query.Rate(Errors).Sum(Protocol)
)

func keepJob() []catalog.AnyLabel { return []catalog.AnyLabel{catalog.Job} }

func resolve(scrape time.Duration, boards []*dashboards.Board, groups ...*rules.RuleGroup) *plan.Plan {
	profile := project.Usual("app")
	profile.ScrapeInterval = scrape
	return plan.New(project.New("app", project.Spec{Title: "App", Owner: "core", Catalog: metrics, Boards: boards, Groups: groups}), profile)
}

// faults returns the ids of findings, without metrics that a small test leaves unread.
func faults(p *plan.Plan) []string {
	var out []string
	for _, f := range p.Findings {
		if !strings.HasSuffix(f.ID, "/unread") {
			out = append(out, f.ID)
		}
	}
	return out
}

func record(v query.Vector) *rules.RecordingRule {
	return rules.NewRecording(rules.Recording{Expr: v, Why: "a test"})
}

func TestRecordNames(t *testing.T) {
	for _, c := range []struct {
		expr query.Vector
		want string
	}{
		{all, "protocol:app_requests:rate5m"},
		{query.Rate(Requests).Sum(), "job:app_requests:rate5m"},
		{query.Rate(Requests).Sum(Protocol, catalog.Instance), "instance_protocol:app_requests:rate5m"},
		{query.Increase(Requests).Over(time.Hour).Sum(Protocol), "protocol:app_requests:increase1h"},
		{query.Select(Open).Sum(Protocol), "protocol:app_open:sum"},
		{query.Select(Open).Max(), "job:app_open:max"},
		{query.Buckets(Duration, Protocol), "protocol:app_duration_seconds_bucket:rate5m"},
		{query.Quantile(0.95, Duration, Protocol), "protocol:app_duration_seconds:p95_rate5m"},
		{query.Quantile(0.999, Duration), "job:app_duration_seconds:p999_rate5m"},
		{query.Mean(Duration, Protocol), "protocol:app_duration_seconds:mean5m"},
		{query.Ratio(failed, all, query.Quiet), "protocol:app_errors_per_requests:ratio_rate5m"},
		{query.Window(Open).Over(time.Hour).MaxOverTime().Max(Protocol), "protocol:app_open:max_max1h"},
	} {
		p := resolve(15*time.Second, nil, rules.NewGroup("g", rules.Group{Keep: keepJob(), Records: []*rules.RecordingRule{record(c.expr)}}))
		if got := p.Groups[0].Rules[0].Record; got != c.want {
			t.Errorf("%s is named %s, want %s", c.expr, got, c.want)
		}
	}
}

func TestWindowsFollowTheScrapeInterval(t *testing.T) {
	p := resolve(2*time.Minute, nil, rules.NewGroup("g", rules.Group{Records: []*rules.RecordingRule{record(all), record(all.Over(time.Hour))}}))
	var got []string
	for _, r := range p.Groups[0].Rules {
		got = append(got, r.Record+" = "+r.Expr.Text())
	}
	want := []string{
		"protocol:app_requests:rate8m = sum by (protocol) (rate(app_requests_total[8m]))",
		"protocol:app_requests:rate1h = sum by (protocol) (rate(app_requests_total[1h]))",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func panel(title string, v query.Vector, window time.Duration) *dashboards.Panel {
	return dashboards.NewTimeSeries(title, dashboards.TimeSeries{Shows: "s", BadWhen: "b", Query: v, Window: window})
}

func board(vars []dashboards.Variable, ps ...*dashboards.Panel) []*dashboards.Board {
	return []*dashboards.Board{dashboards.New("app", dashboards.Dashboard{Title: "App", Purpose: "p", Variables: vars, Rows: []dashboards.Row{{Panels: ps}}})}
}

func TestRecordedSeriesAreRead(t *testing.T) {
	const w = 5 * time.Minute
	keep := []catalog.AnyLabel{catalog.Job, catalog.Instance}
	records := func() *rules.RuleGroup {
		return rules.NewGroup("g", rules.Group{Keep: keep, Records: []*rules.RecordingRule{record(all), record(failed), record(query.Buckets(Duration, Protocol))}})
	}
	for _, c := range []struct {
		name   string
		vars   []dashboards.Variable
		expr   query.Vector
		window time.Duration
		want   string
	}{
		{"rolled up", nil, all, w, `sum by (protocol) (instance_protocol:app_requests:rate5m)`},
		{"by other labels", nil, query.Rate(Requests).Sum(Status), w, `sum by (status) (rate(app_requests_total[5m]))`},
		{"another window", nil, all, 10 * time.Minute, `sum by (protocol) (rate(app_requests_total[10m]))`},
		{"a window that follows the zoom", nil, all, 0, `sum by (protocol) (rate(app_requests_total[$__rate_interval]))`},
		{"a matcher on a kept label", nil, query.Rate(Requests, Protocol.Matches("h.*")).Sum(), w, `sum(instance_protocol:app_requests:rate5m{protocol=~"h.*"})`},
		{"a matcher on a lost label", nil, query.Rate(Requests, Status.Matches("5..")).Sum(), w, `sum(rate(app_requests_total{status=~"5.."}[5m]))`},
		{"another function", nil, query.Increase(Requests).Sum(), w, `sum(increase(app_requests_total[5m]))`},
		{"another aggregation", nil, query.Rate(Requests).Max(), w, `max(rate(app_requests_total[5m]))`},
		{"in the past", nil, all.Offset(time.Hour), w, `sum by (protocol) (instance_protocol:app_requests:rate5m offset 1h)`},
		{"a quantile", nil, query.Quantile(0.9, Duration), w, `histogram_quantile(0.9, sum by (le) (instance_protocol:app_duration_seconds_bucket:rate5m))`},
		{"a ratio", nil, query.Ratio(failed, all, query.Quiet), w, `(sum by (protocol) (instance_protocol:app_errors:rate5m) or sum by (protocol) (instance_protocol:app_requests:rate5m) * 0) / (sum by (protocol) (instance_protocol:app_requests:rate5m) > 0)`},
		{"filters", []dashboards.Variable{dashboards.Values(catalog.Instance)}, all, w, `sum by (protocol) (instance_protocol:app_requests:rate5m{instance=~"$instance"})`},
		{"a filter that the record lacks", []dashboards.Variable{dashboards.Values(Status)}, all, w, `sum by (protocol) (rate(app_requests_total{status=~"$status"}[5m]))`},
	} {
		p := resolve(15*time.Second, board(c.vars, panel("P", c.expr, c.window)), records())
		if ids := faults(p); len(ids) > 0 {
			t.Errorf("%s: %v", c.name, ids)
		}
		if d := cmp.Diff(c.want, p.Boards[0].Panels()[0].Targets[0].Expr.Text()); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
}

func alert(when query.Condition, p *dashboards.Panel) *rules.AlertingRule {
	a := rules.Alert{
		When: when, For: time.Minute, Severity: rules.Page, Summary: rules.Textf("%v of %s, above %v for %v in %v", rules.Value, Protocol, rules.Threshold, rules.For, rules.Window),
		Means: "m", Do: []string{"d"}, Panel: p,
	}
	if p == nil {
		a.NoPanel = "a test"
	}
	return rules.NewAlert("AppFails", a)
}

func TestAlert(t *testing.T) {
	shown := panel("Errors", query.Ratio(failed, all, query.Quiet), 0)
	p := resolve(15*time.Second, board(nil, shown), rules.NewGroup("g", rules.Group{Keep: keepJob(), Alerts: []*rules.AlertingRule{
		alert(query.Ratio(failed, all, query.Quiet).Above(0.05), shown),
	}}))
	if ids := faults(p); len(ids) > 0 {
		t.Fatal(p.Findings)
	}
	a := p.Groups[0].Rules[0].Alert
	if d := cmp.Diff("{{ $value | humanizePercentage }} of {{ $labels.protocol }}, above 5% for 1 minute in 5 minutes", a.Summary); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff("<value> of <protocol>, above 5% for 1 minute in 5 minutes", a.SummaryText); d != "" {
		t.Error(d)
	}
	on := p.Boards[0].Panels()[0]
	if len(on.Thresholds) != 1 || on.Thresholds[0].At != 0.05 || on.Thresholds[0].Level != catalog.Bad || on.Thresholds[0].Below {
		t.Errorf("thresholds of the panel: %+v", on.Thresholds)
	}
	if a.Panel != on || on.Unit != unit.Ratio {
		t.Errorf("the alert's panel is %v, in %v", a.Panel, on.Unit)
	}
}

func TestProfileThreshold(t *testing.T) {
	pr := project.New("app", project.Spec{Title: "App", Owner: "core", Catalog: metrics, Groups: []*rules.RuleGroup{
		rules.NewGroup("g", rules.Group{Alerts: []*rules.AlertingRule{alert(all.Above(5), nil)}}),
	}})
	profile := project.Usual("app")
	profile.Thresholds = map[string]float64{"AppFails": 7, "AppFials": 1}
	profile.ThresholdsAt = map[string]diag.Position{"AppFials": {File: "obsgen.yaml", Line: 5, Col: 7}}
	p := plan.New(pr, profile)
	if got, want := p.Groups[0].Rules[0].Expr.Text(), `sum by (protocol) (rate(app_requests_total[5m])) > 7`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if d := cmp.Diff([]string{"profile/threshold"}, faults(p)); d != "" {
		t.Error(d)
	}
	for _, f := range p.Findings {
		if f.ID == "profile/threshold" && (f.At.String() != "obsgen.yaml:5:7" || f.Mend != "did you mean AppFails?") {
			t.Errorf("it is at %s with the fix %s", f.At, f.Mend)
		}
	}
}

func TestFindings(t *testing.T) {
	withRules := func(as ...*rules.AlertingRule) *plan.Plan {
		return resolve(15*time.Second, nil, rules.NewGroup("g", rules.Group{Alerts: as}))
	}
	withPanel := func(p *dashboards.Panel, vars ...dashboards.Variable) *plan.Plan {
		return resolve(15*time.Second, board(vars, p))
	}
	for _, c := range []struct {
		want string
		plan *plan.Plan
	}{
		{"template/label", withRules(alert(query.Rate(Requests).Sum().Above(1), nil))},
		{"alert/duplicate", withRules(alert(all.Above(1), nil), alert(all.Above(2), nil))},
		{"alert/label", withRules(labelled(alert(all.Above(1), nil), "severity"))},
		{"alert/label", resolve(15*time.Second, nil, rules.NewGroup("g", rules.Group{Labels: map[string]string{"owner": "x"}, Alerts: []*rules.AlertingRule{alert(all.Above(1), nil)}}))},
		{"alert/severity", withRules(severe(alert(all.Above(1), nil), "sev1"))},
		{"alert/severity", withRules(severe(alert(all.Above(1), nil), ""))},
		{"alert/file-name", withRules(rules.NewAlert("a/b", alert(all.Above(1), nil).Alert))},
		{"metric/unlisted", withPanel(panel("P", query.Select(catalog.NewGauge(catalog.NewGroup("Aside", catalog.GroupSpec{}), "other_gauge", catalog.None{}, catalog.Spec{Unit: unit.Seconds})), 0))},
		{"alert/panel", withRules(alert(all.Above(1), panel("Nowhere", all, 0)))},
		{"variable/unused", withPanel(panel("P", query.Select(Open).Sum(), 0), dashboards.Values(Status))},
		{"legend/label", withPanel(dashboards.NewStat("P", dashboards.Stat{Shows: "s", BadWhen: "b", Query: all, Legend: dashboards.By(Status)}))},
		{"unit/union", withPanel(dashboards.NewStat("P", dashboards.Stat{Shows: "s", BadWhen: "b", Query: all, Series: []dashboards.Series{{Query: query.Mean(Duration)}}}))},
		{"panel/window", withPanel(dashboards.NewStat("P", dashboards.Stat{Shows: "s", BadWhen: "b", Query: all, Window: -time.Second}))},
		{"panel/range", withPanel(dashboards.NewGauge("P", dashboards.Gauge{Shows: "s", BadWhen: "b", Query: all}))},
		{"panel/shows", withPanel(dashboards.NewStat("P", dashboards.Stat{BadWhen: "b", Query: all}))},
		{"link/target", withPanel(dashboards.NewStat("P", dashboards.Stat{Shows: "s", BadWhen: "b", Query: all, Links: []dashboards.Link{{Title: "L", Dashboard: "none"}}}))},
		{"record/name", resolve(15*time.Second, nil, rules.NewGroup("g", rules.Group{Records: []*rules.RecordingRule{
			record(all), record(query.Rate(Requests, Status.Matches("5..")).Sum(Protocol))}}))},
	} {
		if got := strings.Join(faults(c.plan), " "); !strings.Contains(got, c.want) {
			t.Errorf("findings %q, want %s", got, c.want)
		}
		for _, f := range c.plan.Findings {
			if f.ID == c.want && !strings.HasPrefix(f.At.String(), "plan/plan_test.go:") {
				t.Errorf("%s is at %s", f.ID, f.At)
			}
		}
	}
}

func labelled(a *rules.AlertingRule, name string) *rules.AlertingRule {
	a.Labels = map[string]string{name: "x"}
	return a
}

func severe(a *rules.AlertingRule, s rules.Severity) *rules.AlertingRule {
	a.Severity = s
	return a
}

// TestOneFindingForEachFault wants nothing twice: a label of a rule without alerts is its own, and what is read of a group that the
// catalog lacks is reported with the group.
func TestOneFindingForEachFault(t *testing.T) {
	aside := catalog.NewGauge(catalog.NewGroup("Aside", catalog.GroupSpec{}), "app_aside", catalog.None{}, catalog.Spec{Unit: unit.Seconds})
	lone := rules.NewRecording(rules.Recording{Expr: all, Why: "w", Labels: map[string]string{"severity": "x"}})
	p := resolve(15*time.Second, board(nil, panel("P", query.Select(aside), 0), panel("Q", query.Select(aside), 0), panel("R", all, 5*time.Minute)),
		rules.NewGroup("g", rules.Group{Keep: keepJob(), Labels: map[string]string{"owner": "x"}, Records: []*rules.RecordingRule{lone}}))
	var got []string
	for _, f := range p.Findings {
		if f.ID != "metric/unread" && f.ID != "record/unread" {
			got = append(got, fmt.Sprint(f.ID, " ", f.Message, " ", len(f.Related)))
		}
	}
	want := []string{`metric/unlisted the group Aside is not in the catalog, so there is no metric app_aside for panel "P" 2`}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// TestAFaultOfAQueryIsNoFaultOfItsUnit wants no word of the unit of a query that could not be made, and one of a query that could.
func TestAFaultOfAQueryIsNoFaultOfItsUnit(t *testing.T) {
	bare := catalog.NewGauge(group, "app_bare", catalog.None{}, catalog.Spec{Help: "B.", Unread: "a test"})
	for _, c := range []struct {
		query query.Vector
		want  string
	}{
		{query.Select(Open).Sum(catalog.Job, Status), "query/label"},
		{query.Select(bare), "panel/unit"},
	} {
		var got []string
		for _, f := range resolve(15*time.Second, board(nil, panel("P", c.query, 0))).Findings {
			if f.Subject == "P" || f.ID[:6] == "query/" {
				got = append(got, f.ID)
			}
		}
		if d := cmp.Diff([]string{c.want}, got); d != "" {
			t.Errorf("%s: %s", c.query, d)
		}
	}
}

// TestUnlisted reports what the project's packages declare and nothing lists, and not what is listed by another project of the
// program, is a library's, or is there to be read.
func TestUnlisted(t *testing.T) {
	inOther, nowhere, ofLibrary := alert(all.Above(1), nil), alert(all.Above(2), nil), alert(all.Above(3), nil)
	group := rules.NewGroup("g", rules.Group{Alerts: []*rules.AlertingRule{alert(all.Above(4), nil)}})
	other := project.New("other", project.Spec{Groups: []*rules.RuleGroup{rules.NewGroup("o", rules.Group{Alerts: []*rules.AlertingRule{inOther}})}})
	foreign := catalog.NewGroup("Exporter", catalog.GroupSpec{External: true})
	this := project.New("app", project.Spec{Catalog: metrics, Groups: []*rules.RuleGroup{group}})
	all := []diag.Declaration{
		{Name: "Other", Value: inOther, Site: inOther.Site}, {Name: "Nowhere", Value: nowhere, Site: nowhere.Site}, {Name: "Library", Value: ofLibrary},
		{Value: group, Site: group.Site}, {Value: other, Site: other.Site}, {Value: foreign, Site: foreign.Site}, {Value: group.Alerts[0], Site: group.Site},
	}
	var got []string
	for _, f := range plan.Unlisted(all, this, func(pkg string) bool { return pkg == "github.com/obsgen/obsgen/plan_test" }) {
		got = append(got, f.ID+" "+f.Subject)
	}
	if d := cmp.Diff([]string{"alert/unlisted Nowhere"}, got); d != "" {
		t.Error(d)
	}
}

func TestLayoutAndIDs(t *testing.T) {
	a, b, c := panel("A", all, 0), panel("B", all, 0), panel("C", all, 0)
	first := resolve(15*time.Second, board(nil, a, b)).Boards[0].Panels()
	second := resolve(15*time.Second, board(nil, c, a, b)).Boards[0].Panels()
	if first[0].ID != second[1].ID || first[1].ID != second[2].ID || first[0].ID == first[1].ID {
		t.Error("ids moved when a panel was added")
	}
	var got []plan.Grid
	for _, p := range second {
		got = append(got, p.Grid)
	}
	if d := cmp.Diff([]plan.Grid{{0, 0, 12, 8}, {12, 0, 12, 8}, {0, 8, 24, 8}}, got); d != "" {
		t.Error(d)
	}
}
