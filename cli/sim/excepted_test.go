package sim_test

import (
	"time"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/project"
	"github.com/obsgen/obsgen/query"
	"github.com/obsgen/obsgen/rules"
)

// excepted is a project whose alerts say that they cannot be proved: one that cannot be, one that can, and one that always fires.
var (
	lastWeek = excepting("PostQueueLastWeek", query.Select(queue).Div(query.Select(queue).Offset(7*24*time.Hour)).Below(.5), "compares with last week")
	provable = excepting("PostQueueLong", query.Select(queue).Above(100), "nobody tried")
	always   = excepting("PostAlways", query.Parse("vector(1)").Above(0), "is a heartbeat")
	excepted = project.New("excepted", project.Spec{
		Title: "Post", Owner: "post",
		Catalog:  catalog.New("post", catalog.CatalogSpec{Prefix: "post_", Groups: []*catalog.Group{letters}}),
		Groups:   []*rules.RuleGroup{rules.NewGroup("post", rules.Group{Help: "Letters.", Alerts: []*rules.AlertingRule{lastWeek, provable, always}})},
		Profiles: []project.Profile{project.Usual("post")},
	})
)

func excepting(name string, when query.Condition, reason diag.Waiver) *rules.AlertingRule {
	return rules.NewAlert(name, rules.Alert{
		When: when, Severity: rules.Ticket, Summary: rules.Textf("the queue is at %v", rules.Value),
		Means: "Letters wait.", Do: []string{"Look at the queue."}, NoPanel: "a test", NoProof: reason,
	})
}
