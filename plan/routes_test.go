package plan_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/plan"
	"github.com/obsgen/obsgen/project"
	"github.com/obsgen/obsgen/query"
	"github.com/obsgen/obsgen/rules"
)

// alertOf declares an alert of a condition and a severity.
func alertOf(name string, when query.Condition, s rules.Severity) *rules.AlertingRule {
	return rules.NewAlert(name, rules.Alert{When: when, Severity: s, Summary: rules.Textf("s"), Means: "m", Do: []string{"d"}, NoPanel: "none in this test"})
}

func TestInhibitions(t *testing.T) {
	quiet := query.Select(Open).Sum(Protocol)
	p := resolve(15*time.Second, nil, rules.NewGroup("g", rules.Group{Keep: []catalog.AnyLabel{catalog.Job}, Alerts: []*rules.AlertingRule{
		alertOf("Many", all.Above(5), rules.Ticket), alertOf("TooMany", all.Above(50), rules.Page), alertOf("Fewer", all.Above(1), rules.Page),
		alertOf("Other", quiet.Above(50), rules.Page), alertOf("Few", quiet.Below(5), rules.Notice), alertOf("TooFew", quiet.Below(1), rules.Ticket),
	}}))
	var got []string
	for _, i := range p.Inhibitions {
		got = append(got, fmt.Sprint(i.Source.Name(), " > ", i.Target.Name(), " ", i.Equal))
	}
	if diff := cmp.Diff([]string{"TooMany > Many [job protocol]", "TooFew > Few [job protocol]"}, got); diff != "" {
		t.Error(diff)
	}
}

// TestRoutes looks for alerts that nobody gets, and receivers that get none.
func TestRoutes(t *testing.T) {
	group := rules.NewGroup("g", rules.Group{Owner: "web", Alerts: []*rules.AlertingRule{alertOf("Page", all.Above(5), rules.Page), alertOf("Note", all.Above(1), rules.Notice)}})
	hook := &project.Webhook{URL: "http://localhost:1"}
	for _, c := range []struct {
		why       string
		receivers []project.Receiver
		outputs   []string
		want      []string
	}{
		{"nobody is asked", nil, nil, nil},
		{"one gets all", []project.Receiver{{Name: "all", Webhook: hook}}, nil, nil},
		{"the notice has nobody", []project.Receiver{{Name: "pager", Severities: []rules.Severity{rules.Page}, Webhook: hook}}, nil, []string{"route/no-receiver Note"}},
		{"another team's", []project.Receiver{{Name: "all", Webhook: hook}, {Name: "db", Owners: []string{"db"}, Webhook: hook}}, nil, []string{"route/no-alert db"}},
		{"no ticket", []project.Receiver{{Name: "all", Webhook: hook}, {Name: "desk", Severities: []rules.Severity{rules.Ticket}, Webhook: hook}}, nil, []string{"route/no-alert desk"}},
		{"the operator's namespace", []project.Receiver{{Name: "all", Webhook: hook}}, []string{project.Kubernetes}, []string{"route/no-namespace default"}},
	} {
		profile := project.Usual("app")
		profile.Receivers, profile.Outputs = c.receivers, c.outputs
		p := plan.New(project.New("app", project.Spec{Title: "App", Owner: "core", Catalog: metrics, Groups: []*rules.RuleGroup{group}}), profile)
		var got []string
		for _, f := range p.Findings {
			if strings.HasPrefix(f.ID, "route/") {
				got = append(got, f.ID+" "+f.Subject)
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", c.why, diff)
		}
	}
}
