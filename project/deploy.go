package project

import (
	"cmp"
	"fmt"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/rules"
)

// What build can write for a profile.
const (
	Grafana         = "grafana"          // dashboards and their provisioning
	GrafanaAlerting = "grafana-alerting" // alerting rules that Grafana evaluates itself
	Prometheus      = "prometheus"       // rules and a configuration that loads them
	Alertmanager    = "alertmanager"     // routes and inhibition
	Docs            = "docs"             // runbooks and references
	Kubernetes      = "kubernetes"       // manifests for the operators of Prometheus and Grafana
	Helm            = "helm"             // a chart, and values for the charts of others
	Compose         = "compose"          // a stack of containers
	Perses          = "perses"           // dashboards for Perses
)

// Outputs are all of them.
var Outputs = []string{Alertmanager, Compose, Docs, Grafana, GrafanaAlerting, Helm, Kubernetes, Perses, Prometheus}

// Writes returns what build writes for the profile: Outputs, and where that is empty dashboards, rules and docs.
func (p Profile) Writes() []string {
	if p.Outputs != nil {
		return p.Outputs
	}
	return []string{Grafana, Prometheus, Docs}
}

// MetricsPort returns the port that the service serves its metrics on, as the first target that has one says. It returns an
// error where none has.
func (p Profile) MetricsPort() (int, error) {
	for _, t := range p.Targets {
		if _, port, err := net.SplitHostPort(t); err == nil {
			if n, err := strconv.ParseUint(port, 10, 16); err == nil && n > 0 {
				return int(n), nil
			}
		}
	}
	return 0, fmt.Errorf("profile %s: no target has a port; set Targets to HOST:PORT", p.Name)
}

// PodLabels are the labels of the service's pods, in Kubernetes.
func (p Profile) PodLabels(name string) map[string]string {
	if len(p.Kubernetes.Selector) > 0 {
		return p.Kubernetes.Selector
	}
	return map[string]string{"app.kubernetes.io/name": name}
}

// PodPort is the name of the container's port.
func (p Profile) PodPort() string { return cmp.Or(p.Kubernetes.Port, "metrics") }

// Receiver is who is told of alerts. Its Name is that of Alertmanager's receiver.
type Receiver struct {
	Name string `yaml:"name"`
	// Severities and Owners are those whose alerts it gets; empty: all.
	Severities []rules.Severity `yaml:"severities"`
	Owners     []string         `yaml:"owners"`
	// Webhook, Slack and PagerDuty say how it is told: exactly one is set.
	Webhook   *Webhook   `yaml:"webhook"`
	Slack     *Slack     `yaml:"slack"`
	PagerDuty *PagerDuty `yaml:"pagerduty"`
}

// Webhook is an address that alerts are posted to: URL where it is no secret, Secret where it is.
type Webhook struct {
	URL    string `yaml:"url"`
	Secret Secret `yaml:"secret"`
}

// Slack is a channel; the secret is the address of its incoming webhook.
type Slack struct {
	Channel string `yaml:"channel"`
	Secret  Secret `yaml:"secret"`
}

// PagerDuty is a service; the secret is the routing key of its integration.
type PagerDuty struct {
	Secret Secret `yaml:"secret"`
}

// Secret is a value that stands in no file here: a key of a Secret of Kubernetes, and elsewhere a file of the name KEY in
// the folder NAME of Alertmanager's secrets.
type Secret struct {
	Name string `yaml:"name"`
	Key  string `yaml:"key"`
}

// Gets reports whether the receiver is told of alerts of a severity and an owner.
func (r Receiver) Gets(severity rules.Severity, owner string) bool {
	return (len(r.Severities) == 0 || slices.Contains(r.Severities, severity)) && (len(r.Owners) == 0 || slices.Contains(r.Owners, owner))
}

// KubernetesConfig is how the service and its monitoring run in Kubernetes. What is empty has the usual value.
type KubernetesConfig struct {
	// Namespace is where the manifests are applied.
	Namespace string `yaml:"namespace"`
	// Selector are labels of the service's pods; usually app.kubernetes.io/name with the project's name.
	Selector map[string]string `yaml:"selector"`
	// Port is the name of the container's port that serves /metrics; usually metrics.
	Port string `yaml:"port"`
	// Labels are put on every manifest that the Prometheus operator has to find: what the ruleSelector and the
	// serviceMonitorSelector of its Prometheus ask for, such as release with the name of the chart's installation.
	Labels map[string]string `yaml:"labels"`
	// Grafana are labels of the Grafana that the Grafana operator runs; usually dashboards with the value grafana.
	Grafana map[string]string `yaml:"grafana"`
}

// HelmValue is what a value of the service's own chart is to be.
type HelmValue string

// The values that are known.
const (
	HelmTrue           HelmValue = "true"
	HelmScrapeInterval HelmValue = "the scrape interval"
	HelmPort           HelmValue = "the port of the metrics, as a number"
	HelmPortText       HelmValue = "the port of the metrics, as text"
	HelmPath           HelmValue = "the path of the metrics"
	HelmReplicas       HelmValue = "the number of replicas"
)

// ComposeService is the service in a stack of containers.
type ComposeService struct {
	// Name is the container's name in the stack, by which Prometheus finds it.
	Name string
	// Image is what runs; where it is empty it is built of Context, a folder seen from the folder of compose.yaml, by the
	// Dockerfile in it of that path.
	Image, Context, Dockerfile string
	Command                    []string
	// Ports are published on the machine's loopback, each under its own number; that of the metrics is among them.
	Ports []int
}

var (
	receiverName  = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9_-]*$`)
	namespaceName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
)

// checkDeployment returns what is wrong with how a profile is deployed.
func (p Profile) checkDeployment() error {
	for _, o := range p.Outputs {
		if !slices.Contains(Outputs, o) {
			mend := "outputs are " + strings.Join(Outputs, ", ")
			if near := diag.Nearest(o, Outputs); near != "" {
				mend = "did you mean " + near + "?"
			}
			return fmt.Errorf("there is no output %q; %s", o, mend)
		}
	}
	if p.Kubernetes.Namespace != "" && !namespaceName.MatchString(p.Kubernetes.Namespace) {
		return fmt.Errorf("the namespace %q has to be lower-case letters, digits and -, at most 63", p.Kubernetes.Namespace)
	}
	seen := map[string]bool{}
	for _, r := range p.Receivers {
		if !receiverName.MatchString(r.Name) || seen[r.Name] {
			return fmt.Errorf("the receiver %q needs a name of its own, of letters, digits, - and _", r.Name)
		}
		seen[r.Name] = true
		ways, missing := 0, ""
		secret := func(s Secret) {
			if s.Name == "" || s.Key == "" {
				missing = "the name and the key of its secret"
			}
		}
		if r.Webhook != nil {
			if ways++; r.Webhook.URL == "" {
				secret(r.Webhook.Secret)
			}
		}
		if r.Slack != nil {
			ways++
			secret(r.Slack.Secret)
			if r.Slack.Channel == "" {
				missing = "its channel"
			}
		}
		if r.PagerDuty != nil {
			ways++
			secret(r.PagerDuty.Secret)
		}
		switch {
		case ways != 1:
			return fmt.Errorf("the receiver %s needs exactly one of webhook, slack and pagerduty", r.Name)
		case missing != "":
			return fmt.Errorf("the receiver %s needs %s", r.Name, missing)
		}
		for _, s := range r.Severities {
			if s != rules.Page && s != rules.Ticket && s != rules.Notice {
				return fmt.Errorf("the receiver %s: there is no severity %q; use %s, %s or %s", r.Name, s, rules.Page, rules.Ticket, rules.Notice)
			}
		}
	}
	return nil
}
