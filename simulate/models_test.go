package simulate_test

import (
	"testing"
	"time"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/dashboards"
	"github.com/obsgen/obsgen/plan"
	"github.com/obsgen/obsgen/project"
	"github.com/obsgen/obsgen/query"
	"github.com/obsgen/obsgen/rules"
	"github.com/obsgen/obsgen/scenario"
	"github.com/obsgen/obsgen/simulate"
	"github.com/obsgen/obsgen/unit"
)

type (
	provider struct{}
	outcome  struct{}
)

// A shop with payments, a job of which the last success is known, and a certificate.
var (
	stripe, paypal = catalog.V[provider]("stripe"), catalog.V[provider]("paypal")
	paid, refused  = catalog.V[outcome]("paid"), catalog.V[outcome]("error")
	provider_      = catalog.OneOf("provider", "P.", stripe, paypal)
	outcome_       = catalog.OneOf("outcome", "O.", paid, refused)

	shop      = catalog.NewGroup("Shop", catalog.GroupSpec{Help: "h", Owner: "shop"})
	payments  = catalog.NewCounter(shop, "shop_payments_total", catalog.By2(provider_, outcome_), catalog.Spec{Help: "h", Unit: unit.Events})
	lastRun   = catalog.NewGauge(shop, "shop_last_success_timestamp_seconds", catalog.None{}, catalog.Spec{Help: "h", Unit: unit.Timestamp})
	notAfter  = catalog.NewGauge(shop, "shop_certificate_expiry_timestamp_seconds", catalog.None{}, catalog.Spec{Help: "h", Unit: unit.Timestamp})
	_         = catalog.NewGauge(shop, "shop_start_timestamp_seconds", catalog.None{}, catalog.Spec{Help: "h", Unit: unit.Timestamp})
	paymentOf = func(ms ...catalog.Matcher) query.Vector { return query.Rate(payments, ms...).Sum() }

	paymentErrors = shopAlert("ShopPaymentErrors", paymentOf(provider_.Is(stripe), outcome_.Is(refused)).Div(paymentOf(provider_.Is(stripe))).Above(.5))
	jobOld        = shopAlert("ShopJobOld", query.Time().Sub(query.Select(lastRun)).Above(3600))
	expires       = shopAlert("ShopCertificateExpires", query.Select(notAfter).Sub(query.Time()).Below(7*24*3600))

	usually = scenario.New("usually", scenario.Spec{
		Help: "All is well.", Lasts: 3 * time.Hour,
		Usual: []scenario.Model{
			scenario.Of(payments).Rate(20),
			scenario.Of(payments, outcome_.Is(refused)).Weight(.001),
			scenario.Of(lastRun).Age(5 * time.Minute),
			scenario.Of(notAfter).Age(-30 * 24 * time.Hour),
		},
	})
	stripeFails = scenario.New("stripe-fails", scenario.Spec{
		Help: "Most payments by one provider fail.", From: []*scenario.Scenario{usually},
		Phases: []scenario.Phase{{From: 20 * time.Minute, Models: []scenario.Model{scenario.Of(payments, provider_.Is(stripe), outcome_.Is(refused)).Weight(5)}}},
		Fires:  []*rules.AlertingRule{paymentErrors},
	})
	jobStops = scenario.New("job-stops", scenario.Spec{
		Help: "The job fails from now on.", From: []*scenario.Scenario{usually},
		Phases: []scenario.Phase{{From: 20 * time.Minute, Models: []scenario.Model{scenario.Of(lastRun).Rising(1)}}},
		Fires:  []*rules.AlertingRule{jobOld},
	})
	certificateOld = scenario.New("certificate-old", scenario.Spec{
		Help: "Nobody renews the certificate.", From: []*scenario.Scenario{usually},
		Phases: []scenario.Phase{{From: time.Hour, Models: []scenario.Model{scenario.Of(notAfter).Age(-6 * 24 * time.Hour)}}},
		Fires:  []*rules.AlertingRule{expires},
	})

	shopProject = project.New("shop", project.Spec{
		Title: "Shop", Owner: "shop", Catalog: catalog.New("shop", catalog.CatalogSpec{Prefix: "shop_", Groups: []*catalog.Group{shop}}),
		Groups:    []*rules.RuleGroup{rules.NewGroup("shop", rules.Group{Help: "h", Alerts: []*rules.AlertingRule{paymentErrors, jobOld, expires}})},
		Boards:    []*dashboards.Board{},
		Scenarios: []*scenario.Scenario{usually, stripeFails, jobStops, certificateOld},
	})
)

func shopAlert(name string, when query.Condition) *rules.AlertingRule {
	return rules.NewAlert(name, rules.Alert{When: when, For: time.Minute, Severity: rules.Page, Summary: rules.Textf("%v", rules.Value), Means: "m", Do: []string{"d"}, NoPanel: "a test"})
}

// TestWeightsOverride holds what a phase says of a part of some series against what the usual models say of all of them, and of
// labels that have nothing to do with each other.
func TestWeightsOverride(t *testing.T) {
	t.Parallel()
	played := simulate.Run(t, shopProject, stripeFails)
	within := func(what, expr string, at time.Duration, least, most float64) {
		t.Helper()
		if v := played.Value(t, expr, at); v < least || v > most {
			t.Errorf("%s is %v after %s, not between %v and %v", what, v, at, least, most)
		}
	}
	stripeShare := `sum(rate(shop_payments_total{provider="stripe",outcome="error"}[10m])) / sum(rate(shop_payments_total{provider="stripe"}[10m]))`
	within("the share of errors", stripeShare, 15*time.Minute, 0, .01)
	within("the share of errors", stripeShare, time.Hour, .80, .87) // 5 beside 1
	within("that of the other", `(sum(rate(shop_payments_total{provider="paypal",outcome="error"}[10m])) or vector(0)) / sum(rate(shop_payments_total{provider="paypal"}[10m]))`, time.Hour, 0, .02)

	apart := scenario.New("apart", scenario.Spec{Usual: []scenario.Model{
		scenario.Of(payments).Rate(20), scenario.Of(payments, provider_.Is(stripe)).Weight(3), scenario.Of(payments, outcome_.Is(refused)).Weight(.5),
		scenario.Of(lastRun).Age(0), scenario.Of(notAfter).Age(-30 * 24 * time.Hour),
	}})
	played = simulate.Run(t, shopProject, apart)
	within("the product's share", `sum(rate(shop_payments_total{provider="stripe",outcome="error"}[30m])) / sum(rate(shop_payments_total[30m]))`, time.Hour, .23, .27) // 1.5 of 6
}

// TestMoments plays gauges that hold a moment: quiet where it is as old as usual, and not where it grows old or comes near.
func TestMoments(t *testing.T) {
	t.Parallel()
	played := simulate.Run(t, shopProject, usually)
	for _, at := range []time.Duration{time.Minute, 2 * time.Hour} {
		if age := played.Value(t, "time() - shop_last_success_timestamp_seconds", at); age < 299 || age > 320 {
			t.Errorf("the last success was %v s ago after %s, not 5 minutes", age, at)
		}
	}
	if v := played.Value(t, "time() - shop_start_timestamp_seconds", time.Hour); v < 3600 {
		t.Errorf("what no model speaks of is %v s old, and not the start of the process", v)
	}
	// The last success was 5 minutes before the phase, so the hour is over 55 minutes after it.
	simulate.Run(t, shopProject, jobStops).Fires(t, jobOld, 74*time.Minute, 79*time.Minute)
	simulate.Run(t, shopProject, certificateOld).Fires(t, expires, 60*time.Minute, 64*time.Minute)
}

// TestMomentsArePlain wants an age of nothing but a moment.
func TestMomentsArePlain(t *testing.T) {
	t.Parallel()
	host := catalog.NewGroup("Host", catalog.GroupSpec{Help: "h", Owner: "shop"})
	both := catalog.New("both", catalog.CatalogSpec{Groups: []*catalog.Group{shop, host}})
	memory := catalog.NewGauge(host, "shop_memory_bytes", catalog.None{}, catalog.Spec{Help: "h", Unit: unit.Bytes})
	for _, c := range []struct {
		model scenario.Model
		want  string
	}{
		{scenario.Of(lastRun).Age(time.Minute), ""},
		{scenario.Of(lastRun).Age(time.Minute).Noise(.1), ""},
		{scenario.Of(memory).Age(time.Minute), "the model of shop_memory_bytes has an age, and its metric is in B: an age is of a moment, in unit.Timestamp"},
		{scenario.Of(payments).Age(time.Minute), "the model of shop_payments_total has an age, which a counter has not"},
		{scenario.Of(lastRun).Age(time.Minute).Level(1), "the model of shop_last_success_timestamp_seconds has an age and a level, and a gauge has one value"},
	} {
		got := ""
		for _, f := range scenario.Check([]*scenario.Scenario{scenario.New("s", scenario.Spec{Usual: []scenario.Model{c.model}})}, both, nil) {
			got += f.Message
		}
		if got != c.want {
			t.Errorf("%q, not %q", got, c.want)
		}
	}
}

// TestProveOnMoments proves alerts on moments, which are quiet in the usual state of things.
func TestProveOnMoments(t *testing.T) {
	t.Parallel()
	resolved := plan.New(shopProject, project.Usual("shop"))
	for _, f := range resolved.Findings {
		if f.ID != "metric/unread" {
			t.Error(f)
		}
	}
	data := resolved.ScenarioData()
	usual, err := simulate.NewUsual(&data, nil)
	if err != nil {
		t.Fatal(err)
	}
	set := simulate.RulesOf(t, resolved)
	set.Usual = usual
	list, err := set.Prove(t.Context(), func(name string) bool { return name != paymentErrors.Name }, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 2 {
		t.Fatalf("%d proofs", len(list))
	}
	for _, p := range list {
		if !p.Good() {
			t.Errorf("%s is not proved: %+v", p.Alert, p)
		}
	}
}
