// Command minimal is the smallest whole project: two metrics, one dashboard, one alert, and a program that is obsgen
// for them. Copy it to begin:
//
//	go run ./examples/minimal build --out /tmp/minimal
package main

import (
	"os"
	"time"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/cli"
	"github.com/obsgen/obsgen/dashboards"
	"github.com/obsgen/obsgen/project"
	"github.com/obsgen/obsgen/query"
	"github.com/obsgen/obsgen/rules"
	"github.com/obsgen/obsgen/unit"
)

// A label's values have a type of their own, so that no other text passes for one.
type outcome struct{}

var (
	sent    = catalog.V[outcome]("sent")
	bounced = catalog.V[outcome]("bounced")
	Outcome = catalog.OneOf("outcome", "What became of the letter.", sent, bounced)
)

// Letters are the metrics of the service.
var Letters = catalog.NewGroup("Letters", catalog.GroupSpec{Help: "Letters that the service sends.", Owner: "post"})

// The metrics.
var (
	LettersTotal = catalog.NewCounter(Letters, "post_letters_total", catalog.By1(Outcome), catalog.Spec{
		Help: "Letters handled.",
		Unit: unit.Count("letters"),
	})
	SendDuration = catalog.NewHistogram(Letters, "post_send_duration_seconds", catalog.None{}, catalog.Spec{
		Help:    "Time that sending a letter took.",
		Unit:    unit.Seconds,
		Buckets: []float64{.1, .5, 1, 5, 10},
	})
)

// Bounced is the share of letters that bounce. Without letters it has no value.
var Bounced = query.Ratio(query.Rate(LettersTotal, Outcome.Is(bounced)).Sum(), query.Rate(LettersTotal).Sum(), query.Quiet)

// BouncedPanel is where the alert below leads.
var BouncedPanel = dashboards.NewTimeSeries("Letters that bounce", dashboards.TimeSeries{
	Shows:   "Share of letters that could not be delivered.",
	BadWhen: "A jump: the relay is on a block list, or a list of addresses is stale.",
	Query:   Bounced, Window: 5 * time.Minute,
})

// Overview is the dashboard.
var Overview = dashboards.New("post-overview", dashboards.Dashboard{
	Title:   "Post / Overview",
	Purpose: "Do letters arrive, and how fast?",
	Rows: []dashboards.Row{{Panels: []*dashboards.Panel{
		BouncedPanel,
		dashboards.NewTimeSeries("Letters", dashboards.TimeSeries{
			Shows:   "Letters handled per second, by what became of them.",
			BadWhen: "None while there is work: the queue hangs.",
			Query:   query.Rate(LettersTotal).Sum(Outcome), Stack: true,
		}),
		dashboards.NewHeatmap("Time to send", dashboards.Heatmap{
			Shows:   "How many letters per second took how long.",
			BadWhen: "A second band above the usual one: one relay is slow.",
			Of:      SendDuration,
		}),
	}}},
})

// ManyBounce is the alert.
var ManyBounce = rules.NewAlert("PostManyLettersBounce", rules.Alert{
	When:     Bounced.Above(0.1),
	For:      10 * time.Minute,
	Severity: rules.Ticket,
	Summary:  rules.Textf("%v of letters bounce", rules.Value),
	Means:    "People wait for letters that never come.",
	Do:       []string{"Look whether the relay is on a block list.", "Look which domain bounces."},
	Panel:    BouncedPanel,
})

// Project is what the commands take.
var Project = project.New("post", project.Spec{
	Title:    "Post",
	Owner:    "post",
	Catalog:  catalog.New("post", catalog.CatalogSpec{Prefix: "post_", Groups: []*catalog.Group{Letters}}),
	Boards:   []*dashboards.Board{Overview},
	Groups:   []*rules.RuleGroup{rules.NewGroup("post", rules.Group{Help: "Letters.", Keep: []catalog.AnyLabel{catalog.Job}, Alerts: []*rules.AlertingRule{ManyBounce}})},
	Profiles: []project.Profile{project.Usual("post")},
})

func main() { os.Exit(cli.Main(Project)) }
