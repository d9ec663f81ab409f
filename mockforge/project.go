// Package mockforge is what MockForge's repository declares: its metrics, the expressions over them that
// several readers share, dashboards and rules. It is laid out as any user's repository would be.
package mockforge

import (
	_ "embed"
	"time"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/mockforge/alerts"
	"github.com/obsgen/obsgen/mockforge/boards"
	"github.com/obsgen/obsgen/mockforge/metrics"
	"github.com/obsgen/obsgen/mockforge/scenarios"
	"github.com/obsgen/obsgen/project"
	"github.com/obsgen/obsgen/rules"
)

// Project is MockForge's observability.
var Project = project.New("mockforge", project.Spec{
	Title:   "MockForge",
	Owner:   metrics.CoreTeam,
	Tags:    []string{"mockforge"},
	Catalog: metrics.Catalog,

	Fragments: fragments, FragmentPanels: boards.PluginRuns(),
	Boards:   boards.All,
	Groups:   alerts.Groups,
	Profiles: []project.Profile{local, production},

	Scenarios: scenarios.All,
})

// pseudonymize is the part of the catalog that the plugin of that name brings along, as it ships it: its code has the
// same metrics in Go.
//
//go:embed mockforged/pseudonymize/fragment.json
var pseudonymize []byte

// fragments are those of the plugins that are known here.
var fragments = func() []*catalog.Catalog {
	f, err := catalog.ParseFragment("mockforge/mockforged/pseudonymize/fragment.json", pseudonymize)
	if err != nil {
		panic(err) // a test reads it
	}
	return []*catalog.Catalog{f}
}()

// job is the scrape job of every environment.
const job = "mockforge"

// published is where the output can be read: in this repository.
const published = "https://github.com/obsgen/obsgen/blob/main/out"

// local is one server beside Prometheus and Grafana, as the Compose stack runs them: the server's exporter
// has port 9090, so Prometheus has 9091.
var local = func() project.Profile {
	p := project.Usual(job)
	p.GrafanaURL, p.RunbookURL = "http://localhost:3030", published+"/docs" // 3000 is the server's
	p.Thresholds = map[string]float64{alerts.InstancesLow.Name: 1}          // there is only one
	p.Outputs = []string{project.Grafana, project.Prometheus, project.Docs, project.Alertmanager, project.Compose, project.Perses}
	p.Alertmanagers = []string{"localhost:9093"}
	p.Receivers = []project.Receiver{{Name: "developer", Webhook: &project.Webhook{URL: "http://localhost:9094/alerts"}}}
	p.Compose = project.ComposeService{
		Name: "mockforged", Context: "../..", Dockerfile: "mockforge/mockforged/Dockerfile", Command: []string{"--load"},
		Ports: []int{3000, 3001, 50051, 1025, 1883, 9080, 9090},
	}
	return p
}()

// production is the Helm chart's installation: three replicas, scraped every 30 s.
var production = project.Profile{
	Name: "production", Job: job, Targets: []string{"mockforge-0:9090", "mockforge-1:9090", "mockforge-2:9090"},
	Alertmanagers: []string{"alertmanager:9093"}, Cluster: "production", DataSource: "prometheus",
	PrometheusURL: "http://prometheus:9090", ScrapeInterval: 30 * time.Second, EvaluationInterval: time.Minute,
	Retention: 30 * 24 * time.Hour, Replicas: 3, GrafanaURL: "https://grafana.example.org",
	RunbookURL: published + "/profiles/production/docs",
	Outputs:    []string{project.Grafana, project.Prometheus, project.Docs, project.Kubernetes, project.Helm},
	// The selectors of kube-prometheus-stack, installed under that name, and of MockForge's chart.
	Kubernetes: project.KubernetesConfig{Namespace: "mockforge", Labels: map[string]string{"release": "kube-prometheus-stack"}},
	ServiceValues: map[string]project.HelmValue{
		"serviceMonitor.enabled": project.HelmTrue, "serviceMonitor.interval": project.HelmScrapeInterval,
		"config.observability.metrics.enabled": project.HelmTrue, "config.observability.metrics.port": project.HelmPort,
		"service.metrics.port": project.HelmPort, "replicaCount": project.HelmReplicas,
		`podAnnotations.prometheus\.io/port`: project.HelmPortText, `podAnnotations.prometheus\.io/path`: project.HelmPath,
	},
	Receivers: []project.Receiver{
		{Name: "on-call", Severities: []rules.Severity{rules.Page}, PagerDuty: &project.PagerDuty{Secret: project.Secret{Name: "mockforge-alerting", Key: "pagerduty"}}},
		{Name: "team", Severities: []rules.Severity{rules.Page, rules.Ticket, rules.Notice}, Slack: &project.Slack{
			Channel: "#mockforge", Secret: project.Secret{Name: "mockforge-alerting", Key: "slack"},
		}},
	},
}
