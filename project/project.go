// Package project is what one repository declares: its catalog, dashboards, rules and the environments
// they run in. It is what every command takes.
package project

import (
	"maps"
	"slices"
	"time"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/dashboards"
	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/query"
	"github.com/obsgen/obsgen/rules"
	"github.com/obsgen/obsgen/scenario"
)

// Project is a declared project.
type Project struct {
	Name string
	Spec
	Site diag.Site
	// Loaded are the fragments that Whole made a part of the rest.
	Loaded []*catalog.Catalog
}

// Spec is the data sheet of a project.
type Spec struct {
	// Title is how people call the service: "MockForge".
	Title string
	// Version is that of what is made, for outputs that have one, such as a chart: "1.2.0". Empty: 0.1.0.
	Version string
	// Owner is the team that answers for whatever names no other.
	Owner string
	// Tags are on every dashboard.
	Tags    []string
	Catalog *catalog.Catalog
	Boards  []*dashboards.Board
	Groups  []*rules.RuleGroup
	// Fragments are the parts of the catalog that others bring along, such as plugins: each becomes a part of Catalog, a
	// dashboard, and a row of the dashboard of all of them, above which FragmentPanels stand.
	Fragments      []*catalog.Catalog
	FragmentPanels []*dashboards.Panel
	// Scenarios are incidents and ordinary times, on which the alerts are tried. The first is the baseline, in which every alert
	// must be quiet, as in each other that names no alert.
	Scenarios []*scenario.Scenario
	// Profiles are the environments, of which the first is the usual one. None: Usual alone.
	Profiles []Profile
}

// New declares a project. The name is used in file names: "mockforge".
//
//go:noinline
func New(name string, s Spec) *Project {
	p := &Project{Name: name, Spec: s, Site: diag.Here(0)}
	return diag.Declare(name, p, p.Site)
}

// Whole returns the project with its fragments in its catalog and with their dashboards. It is called when a command runs,
// since a fragment that is declared in Go may still be empty while the program's variables are initialised.
func (p *Project) Whole() *Project {
	if len(p.Fragments) == 0 {
		return p
	}
	out := *p
	c := catalog.CatalogSpec{}
	name := p.Name
	site := p.Site
	if p.Catalog != nil {
		c, name, site = p.Catalog.Spec, p.Catalog.Name, p.Catalog.Site
	}
	c.Groups, out.Boards = slices.Clone(c.Groups), slices.Clone(p.Boards)
	uid := func(f *catalog.Catalog) string { return p.Name + "-plugin-" + f.Name }
	for _, f := range p.Fragments {
		c.Groups = append(c.Groups, f.Groups()...)
		out.Boards = append(out.Boards, dashboards.OfFragment(uid(f), p.Title+" / Plugin "+f.Name, f))
	}
	out.Boards = append(out.Boards, dashboards.OfFragments(p.Name+"-plugins", p.Title+" / Plugins", p.FragmentPanels, p.Fragments, uid))
	out.Catalog = catalog.New(name, c)
	out.Catalog.Site = site
	out.Loaded, out.Fragments = p.Fragments, nil
	return &out
}

// Profile is an environment that the project's files are made for.
type Profile struct {
	// Name is in the output's folder names: "staging".
	Name string
	// Job is the scrape job of the service: "mockforge".
	Job string
	// Targets are the addresses that Prometheus scrapes: "mockforge:9090".
	Targets []string
	// Alertmanagers are the addresses that Prometheus sends alerts to.
	Alertmanagers []string
	// Cluster is an external label of that name; empty: none.
	Cluster string
	// DataSource is the uid of the Prometheus data source in Grafana, PrometheusURL where Grafana finds it.
	DataSource, PrometheusURL string
	ScrapeInterval            time.Duration
	EvaluationInterval        time.Duration
	// Retention is how long Prometheus keeps samples.
	Retention time.Duration
	// Features are the feature flags that Prometheus has on: "promql-experimental-functions". nil: not known, so nothing is refused
	// that some server takes.
	Features query.Features
	// Replicas is how many instances of the service run.
	Replicas int
	// Labels are further external labels of Prometheus.
	Labels map[string]string
	// Thresholds replace the numbers that alerts compare with, by the alert's name.
	Thresholds map[string]float64
	// ThresholdsAt is where obsgen.yaml sets some of them.
	ThresholdsAt map[string]diag.Position
	// RunbookURL is where the generated docs are published, GrafanaURL where Grafana is: links begin with them.
	RunbookURL, GrafanaURL string
	// Outputs are what build writes; nil: dashboards, rules and docs.
	Outputs []string
	// Receivers are told of alerts. Where there are any, each alert needs one, and each of them an alert.
	Receivers []Receiver
	// Kubernetes is how the service runs there.
	Kubernetes KubernetesConfig
	// Compose is how the service runs in a stack of containers.
	Compose ComposeService
	// ServiceValues are values of the service's own Helm chart that follow from the rest, by their path: what its chart calls
	// the switch of its ServiceMonitor, for instance, is "serviceMonitor.enabled".
	ServiceValues map[string]HelmValue
}

// ExternalLabels returns the labels that Prometheus adds to all that it sends.
func (p *Profile) ExternalLabels() map[string]string {
	out := map[string]string{}
	if p.Cluster != "" {
		out["cluster"] = p.Cluster
	}
	maps.Copy(out, p.Labels)
	return out
}

// Usual returns the profile of a small installation: one replica, scraped every 15 s.
func Usual(job string) Profile {
	return Profile{
		Name: "default", Job: job, Targets: []string{"localhost:9090"}, DataSource: "prometheus",
		PrometheusURL: "http://localhost:9091", ScrapeInterval: 15 * time.Second, EvaluationInterval: 30 * time.Second,
		Retention: 15 * 24 * time.Hour, Replicas: 1,
	}
}
