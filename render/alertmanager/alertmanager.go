// Package alertmanager writes who is told of which alert, and which alerts make others needless, as Alertmanager reads it.
//
// There is no promise of compatibility before 1.0.
package alertmanager

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/plan"
	"github.com/obsgen/obsgen/project"
	"github.com/obsgen/obsgen/render/tree"
	"github.com/obsgen/obsgen/rules"
	"github.com/obsgen/obsgen/unit"
)

// Routing is the tree of routes: a root that tells nobody, and below it a route for each receiver.
type Routing struct {
	// Fallback is a receiver without any way to tell, for alerts of others.
	Fallback string
	GroupBy  []string
	// Wait is how long alerts of a group are collected before the first message, Interval how long before what has joined
	// it is told, Repeat after how long the same is told again.
	Wait, Interval, Repeat time.Duration
	Routes                 []Route
}

// Route leads alerts to a receiver, and on to the routes after it.
type Route struct {
	Receiver project.Receiver
	Matchers []Matcher
	Repeat   time.Duration
}

// Matcher is a label that has one of some values.
type Matcher struct {
	Label  string
	Values []string
}

// The times of https://prometheus.io/docs/alerting/latest/configuration/#route, but for what is repeated: who is paged is
// told again within a shift, who gets a ticket the next day.
const (
	wait     = 30 * time.Second
	interval = 5 * time.Minute
	usual    = 12 * time.Hour
	urgent   = 4 * time.Hour
)

// Routes returns the routing of a plan.
func Routes(p *plan.Plan) Routing {
	out := Routing{Fallback: "nobody", GroupBy: []string{alertName, catalog.Job.Name}, Wait: wait, Interval: interval, Repeat: usual}
	for _, r := range p.Profile.Receivers {
		route := Route{Receiver: r, Repeat: usual, Matchers: []Matcher{{rules.OwnerLabel, owners(p)}}}
		if len(r.Severities) > 0 {
			m := Matcher{Label: rules.SeverityLabel}
			for _, s := range r.Severities {
				m.Values = append(m.Values, string(s))
			}
			route.Matchers = append(route.Matchers, m)
			if len(r.Severities) == 1 && r.Severities[0] == rules.Page {
				route.Repeat = urgent
			}
		}
		if len(r.Owners) > 0 {
			route.Matchers[0].Values = r.Owners
		}
		out.Routes = append(out.Routes, route)
	}
	return out
}

const alertName = "alertname"

// owners are those of a plan's alerts, by which other alerts of the same Alertmanager are told apart.
func owners(p *plan.Plan) []string {
	var out []string
	for _, r := range p.Alerts() {
		out = append(out, r.Labels[rules.OwnerLabel])
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Named matches the alert of a rule.
func Named(r *plan.Rule) Matcher { return Matcher{Label: alertName, Values: []string{r.Alert.Name}} }

// Secrets is the folder below which Alertmanager finds secrets: those of a project.Secret in the file KEY of the folder NAME.
const Secrets = "/etc/alertmanager/secrets"

type file struct {
	Route     rootRoute  `json:"route"`
	Receivers []receiver `json:"receivers"`
	Inhibit   []inhibit  `json:"inhibit_rules,omitempty"`
}

type rootRoute struct {
	Receiver string   `json:"receiver"`
	GroupBy  []string `json:"group_by"`
	Wait     string   `json:"group_wait"`
	Interval string   `json:"group_interval"`
	Repeat   string   `json:"repeat_interval"`
	Routes   []route  `json:"routes"`
}

type route struct {
	Receiver string   `json:"receiver"`
	Matchers []string `json:"matchers"`
	Repeat   string   `json:"repeat_interval"`
	Continue bool     `json:"continue"`
}

type receiver struct {
	Name      string      `json:"name"`
	Webhook   []webhook   `json:"webhook_configs,omitempty"`
	Slack     []slack     `json:"slack_configs,omitempty"`
	PagerDuty []pagerDuty `json:"pagerduty_configs,omitempty"`
}

type webhook struct {
	URL          string `json:"url,omitempty"`
	URLFile      string `json:"url_file,omitempty"`
	SendResolved bool   `json:"send_resolved"`
}

type slack struct {
	APIURLFile   string `json:"api_url_file"`
	Channel      string `json:"channel"`
	SendResolved bool   `json:"send_resolved"`
}

type pagerDuty struct {
	RoutingKeyFile string `json:"routing_key_file"`
	SendResolved   bool   `json:"send_resolved"`
}

type inhibit struct {
	Source []string `json:"source_matchers"`
	Target []string `json:"target_matchers"`
	Equal  []string `json:"equal,omitempty"`
}

// Render returns alertmanager/alertmanager.yml, where the profile has receivers.
func Render(p *plan.Plan) ([]tree.File, error) {
	if len(p.Profile.Receivers) == 0 {
		return nil, nil
	}
	r := Routes(p)
	out := file{
		Route: rootRoute{
			Receiver: r.Fallback, GroupBy: r.GroupBy, Wait: unit.Duration(r.Wait), Interval: unit.Duration(r.Interval), Repeat: unit.Duration(r.Repeat),
		},
		Receivers: []receiver{{Name: r.Fallback}},
	}
	for _, to := range r.Routes {
		next := route{Receiver: to.Receiver.Name, Repeat: unit.Duration(to.Repeat), Continue: true}
		for _, m := range to.Matchers {
			next.Matchers = append(next.Matchers, m.String())
		}
		out.Route.Routes = append(out.Route.Routes, next)
		out.Receivers = append(out.Receivers, told(to.Receiver))
	}
	for _, i := range p.Inhibitions {
		out.Inhibit = append(out.Inhibit, inhibit{[]string{Named(i.Source).String()}, []string{Named(i.Target).String()}, i.Equal})
	}
	data, err := tree.YAML(out)
	if err != nil {
		return nil, fmt.Errorf("alertmanager.yml: %w", err)
	}
	head := "# Written by obsgen build for the profile " + p.Profile.Name + "; edits are lost.\n"
	return []tree.File{{Path: "alertmanager/alertmanager.yml", Data: append([]byte(head), data...)}}, nil
}

// String returns the matcher as Alertmanager's configuration has it.
func (m Matcher) String() string {
	if len(m.Values) == 1 {
		return m.Label + "=" + strconv.Quote(m.Values[0])
	}
	return m.Label + "=~" + strconv.Quote(m.Pattern())
}

// Pattern returns the regular expression of the values.
func (m Matcher) Pattern() string {
	quoted := make([]string, len(m.Values))
	for i, v := range m.Values {
		quoted[i] = regexp.QuoteMeta(v)
	}
	return strings.Join(quoted, "|")
}

func told(r project.Receiver) receiver {
	at := func(s project.Secret) string { return path.Join(Secrets, s.Name, s.Key) }
	out := receiver{Name: r.Name}
	switch {
	case r.Webhook != nil && r.Webhook.URL != "":
		out.Webhook = []webhook{{URL: r.Webhook.URL, SendResolved: true}}
	case r.Webhook != nil:
		out.Webhook = []webhook{{URLFile: at(r.Webhook.Secret), SendResolved: true}}
	case r.Slack != nil:
		out.Slack = []slack{{at(r.Slack.Secret), r.Slack.Channel, true}}
	case r.PagerDuty != nil:
		out.PagerDuty = []pagerDuty{{at(r.PagerDuty.Secret), true}}
	}
	return out
}
