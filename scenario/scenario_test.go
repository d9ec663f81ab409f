package scenario_test

import (
	"strings"
	"testing"
	"time"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/catalog/external"
	"github.com/obsgen/obsgen/query"
	"github.com/obsgen/obsgen/rules"
	"github.com/obsgen/obsgen/scenario"
	"github.com/obsgen/obsgen/unit"
)

type kind struct{}

var (
	kinds    = catalog.OneOf("kind", "Kind.", catalog.V[kind]("a"), catalog.V[kind]("b"))
	other    = catalog.AtMost[struct{ x int }](5, "other", "Other.")
	group    = catalog.NewGroup("G", catalog.GroupSpec{Help: "G.", Owner: "o"})
	requests = catalog.NewCounter(group, "app_requests_total", catalog.By1(kinds), catalog.Spec{Help: "R.", Unit: unit.Requests})
	failures = catalog.NewCounter(group, "app_failures_total", catalog.By1(kinds), catalog.Spec{Help: "F.", Unit: unit.Requests, PartOf: requests})
	level    = catalog.NewGauge(group, "app_level_ratio", catalog.None{}, catalog.Spec{Help: "L.", Unit: unit.Ratio, Range: catalog.Range{Max: 1}})
	took     = catalog.NewHistogram(group, "app_took_seconds", catalog.By1(other), catalog.Spec{Help: "T.", Unit: unit.Seconds, Buckets: []float64{1, 2}})
	strange  = catalog.NewGauge(catalog.NewGroup("S", catalog.GroupSpec{}), "strange", catalog.None{}, catalog.Spec{})
	apps     = catalog.New("app", catalog.CatalogSpec{Prefix: "app_", Groups: []*catalog.Group{group, external.Scrape, external.Process}})
	low      = rules.NewAlert("Low", rules.Alert{When: query.Select(level).Below(0.1)})
	nowhere  = rules.NewAlert("Nowhere", rules.Alert{When: query.Select(level).Below(0.1)})
)

// TestCheck has a scenario for each fault, and one without any.
func TestCheck(t *testing.T) {
	usual := func(ms ...scenario.Model) scenario.Spec { return scenario.Spec{Usual: ms} }
	for _, c := range []struct {
		spec scenario.Spec
		want string // "" none
	}{
		{usual(
			scenario.Of(requests).Rate(5), scenario.Of(failures, kinds.Is(catalog.V[kind]("a"))).Share(0.5).Times(2), scenario.Of(level).Level(0.3).Rising(1e-5).Noise(0),
			scenario.Of(took).With(requests).Median(1).Spread(2).Weight(0), scenario.Of(external.Up),
		), ""},
		{usual(scenario.Of(requests).Level(3)), "has a level, which a counter has not"},
		{usual(scenario.Of(level).Rate(3)), "has a rate, which a gauge has not"},
		{usual(scenario.Of(requests).Median(3)), "has a distribution, which a counter has not"},
		{usual(scenario.Of(requests).Share(0.1)), "the metric is no part of another"},
		{usual(scenario.Of(failures).Share(1.5)), "has the share 1.5, which is not between 0 and 1"},
		{usual(scenario.Of(failures).With(requests)), "the metric is part of one"},
		{usual(scenario.Of(level).Level(3)), "the metric's range is 0 to 1"},
		{usual(scenario.Of(requests, other.Is(other.Value("x"))).Rate(1)), "asks for the label other, which the metric has not"},
		{usual(scenario.Of(requests, kinds.Is(kinds.Value("c"))).Rate(1)), "no value of kind passes"},
		{usual(scenario.Of(requests).Rate(-1)), "has the rate -1"},
		{usual(scenario.Of(strange)), "the metric strange is not in the catalog"},
		{scenario.Spec{Fires: []*rules.AlertingRule{nowhere}}, "the alert Nowhere is in no group"},
		{scenario.Spec{Phases: []scenario.Phase{{From: 2 * time.Hour}}}, "phase 1 begins at 2h0m0s, and the scenario is over after 1h0m0s"},
		{scenario.Spec{Phases: []scenario.Phase{{From: -1}}}, "negative"},
		{scenario.Spec{Phases: []scenario.Phase{{Every: time.Minute}}}, "Every without Restarts"},
		{scenario.Spec{Phases: []scenario.Phase{{Reach: "sometimes"}}}, `the reach "sometimes"`},
		{scenario.Spec{Phases: []scenario.Phase{{Models: []scenario.Model{scenario.Of(level).Rate(1)}}}}, "has a rate, which a gauge has not"},
	} {
		found := scenario.Check([]*scenario.Scenario{scenario.New("s", c.spec)}, apps, []*rules.AlertingRule{low})
		switch {
		case c.want == "" && len(found) > 0:
			t.Errorf("nothing is wrong, and %v", found)
		case c.want != "" && (len(found) != 1 || !strings.Contains(found[0].Message, c.want) || !strings.HasSuffix(found[0].At.File, "scenario_test.go")):
			t.Errorf("%q is wanted, and %v", c.want, found)
		}
	}
	twice := scenario.Check([]*scenario.Scenario{scenario.New("s", scenario.Spec{}), scenario.New("s", scenario.Spec{}), scenario.New("Not so", scenario.Spec{})}, apps, nil)
	if len(twice) != 2 {
		t.Errorf("two have one name and one a bad one: %v", twice)
	}
}

// TestFrom holds what a scenario takes from others against what it says itself.
func TestFrom(t *testing.T) {
	one := scenario.New("one", scenario.Spec{Daily: 0.2, Lasts: 2 * time.Hour, Usual: []scenario.Model{scenario.Of(requests).Rate(1)}, Fires: []*rules.AlertingRule{low}})
	two := scenario.New("two", scenario.Spec{Samples: []scenario.Sample{scenario.Take(other, "x")}, Phases: []scenario.Phase{{From: time.Minute}}})
	both := scenario.New("both", scenario.Spec{From: []*scenario.Scenario{one, two}, Usual: []scenario.Model{scenario.Of(requests).Rate(2)}, May: []*rules.AlertingRule{low}})
	d := scenario.Resolve(apps, []*scenario.Scenario{both}, func(*catalog.Metric) bool { return false })
	r := d.Scenarios[0]
	if len(r.Usual) != 2 || *r.Usual[1].Rate != 2 || len(r.Phases) != 1 || r.Daily != 0.2 || time.Duration(r.Lasts) != 2*time.Hour || time.Duration(r.Before) != 30*time.Minute {
		t.Errorf("%+v", r)
	}
	if len(r.Fires) != 0 || len(r.May) != 1 {
		t.Errorf("it fires %v, and may %v", r.Fires, r.May)
	}
	if got := r.Values["app_took_seconds"]["other"]; len(got) != 1 || got[0] != "x" {
		t.Errorf("the samples are %v", r.Values)
	}
	for _, m := range d.Metrics {
		if strings.HasPrefix(m.Name, "process_") {
			t.Errorf("%s is nobody's, and there", m.Name)
		}
	}
}
