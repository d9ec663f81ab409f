package sim_test

import (
	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/dashboards"
	"github.com/obsgen/obsgen/project"
	"github.com/obsgen/obsgen/query"
	"github.com/obsgen/obsgen/rules"
	"github.com/obsgen/obsgen/unit"
)

// post is a small project, the alert of which needs a feature flag of the server.
var (
	letters = catalog.NewGroup("Letters", catalog.GroupSpec{Help: "Letters that the service sends.", Owner: "post"})
	queue   = catalog.NewGauge(letters, "post_queue_letters", catalog.None{}, catalog.Spec{Help: "Letters that wait.", Unit: unit.Count("letters")})

	spread      = query.Parse(`mad_over_time($1[$window])`, queue)
	spreadPanel = dashboards.NewTimeSeries("Spread of the queue", dashboards.TimeSeries{
		Shows: "How much the queue varies.", BadWhen: "Letters come in bursts.", Query: spread,
	})
	unsteady = rules.NewAlert("PostQueueUnsteady", rules.Alert{
		When: spread.Above(1), Severity: rules.Ticket, Summary: rules.Textf("the queue varies by %v", rules.Value),
		Means: "Letters come in bursts.", Do: []string{"Slow the senders down."}, Panel: spreadPanel,
	})
	post = project.New("post", project.Spec{
		Title: "Post", Owner: "post",
		Catalog: catalog.New("post", catalog.CatalogSpec{Prefix: "post_", Groups: []*catalog.Group{letters}}),
		Boards: []*dashboards.Board{dashboards.New("post", dashboards.Dashboard{
			Title: "Post", Purpose: "Is the queue steady?", Rows: []dashboards.Row{{Panels: []*dashboards.Panel{spreadPanel}}},
		})},
		Groups:   []*rules.RuleGroup{rules.NewGroup("post", rules.Group{Help: "Letters.", Alerts: []*rules.AlertingRule{unsteady}})},
		Profiles: []project.Profile{project.Usual("post")},
	})
)
