// Package compose writes a stack of containers that shows a plan on one machine: the service, Prometheus with the rules,
// Alertmanager, and Grafana with the dashboards.
//
// There is no promise of compatibility before 1.0.
package compose

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/obsgen/obsgen/plan"
	"github.com/obsgen/obsgen/project"
	"github.com/obsgen/obsgen/render/alertmanager"
	"github.com/obsgen/obsgen/render/grafana"
	"github.com/obsgen/obsgen/render/prometheus"
	"github.com/obsgen/obsgen/render/tree"
	"github.com/obsgen/obsgen/unit"
)

// The images, at the versions that the tests run.
const (
	PrometheusImage   = "prom/prometheus:v3.16.0"
	AlertmanagerImage = "prom/alertmanager:v0.34.2"
	GrafanaImage      = "grafana/grafana:13.2.2"
)

const (
	firstLine = "# Written by obsgen build. Change the project's declarations instead.\n"
	root      = "compose"
	// host is the machine, seen from a container.
	host = "host.docker.internal"

	prometheusPort   = 9090
	alertmanagerPort = 9093
	grafanaPort      = 3000
)

type file struct {
	Name     string              `json:"name"`
	Services map[string]*service `json:"services"`
	Volumes  map[string]struct{} `json:"volumes"`
}

type service struct {
	Image       string            `json:"image,omitempty"`
	Build       *build            `json:"build,omitempty"`
	Command     []string          `json:"command,omitempty"`
	Environment map[string]string `json:"environment,omitempty"`
	Ports       []string          `json:"ports,omitempty"`
	Volumes     []string          `json:"volumes,omitempty"`
	DependsOn   []string          `json:"depends_on,omitempty"`
	ExtraHosts  []string          `json:"extra_hosts,omitempty"`
	Restart     string            `json:"restart,omitempty"`
	Healthcheck *healthcheck      `json:"healthcheck,omitempty"`
}

type build struct {
	Context    string `json:"context"`
	Dockerfile string `json:"dockerfile,omitempty"`
}

type healthcheck struct {
	Test     []string `json:"test"`
	Interval string   `json:"interval"`
	Retries  int      `json:"retries"`
}

func ready(port int, path string) *healthcheck {
	return &healthcheck{Test: []string{"CMD", "wget", "-q", "-O", "/dev/null", "http://localhost:" + strconv.Itoa(port) + path}, Interval: "5s", Retries: 12}
}

// Render returns compose/compose.yaml, and beside it the files in which the stack's addresses differ from those of the
// profile. Rules and dashboards are mounted from where build writes them. It returns an error where the profile does not say
// what runs, and where two ports would be published under one number.
func Render(p *plan.Plan) ([]tree.File, error) {
	c := p.Profile.Compose
	if c.Name == "" || c.Image == "" && c.Context == "" {
		return nil, fmt.Errorf("profile %s: the output compose needs Compose.Name, and an Image or a Context", p.Profile.Name)
	}
	port, err := p.Profile.MetricsPort()
	if err != nil {
		return nil, err
	}
	inside := *p
	inside.Profile.Targets = []string{net.JoinHostPort(c.Name, strconv.Itoa(port))}
	inside.Profile.PrometheusURL = "http://prometheus:" + strconv.Itoa(prometheusPort)
	inside.Profile.Alertmanagers = nil
	var files []tree.File
	out := file{Name: p.Name, Services: map[string]*service{}, Volumes: map[string]struct{}{"prometheus": {}, "grafana": {}}}

	own := &service{Image: c.Image, Command: c.Command, Restart: "unless-stopped"}
	if c.Image == "" {
		own.Build = &build{Context: c.Context, Dockerfile: c.Dockerfile}
	}
	for _, port := range c.Ports {
		own.Ports = append(own.Ports, published(port, port))
	}
	out.Services[c.Name] = own

	server := &service{
		Image: PrometheusImage, Restart: "unless-stopped", DependsOn: []string{c.Name},
		Command: []string{"--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus", "--web.enable-lifecycle"},
		Volumes: []string{
			"./prometheus.yml:/etc/prometheus/prometheus.yml:ro", "../prometheus/rules:/etc/prometheus/rules:ro", "prometheus:/prometheus",
		},
		Healthcheck: ready(prometheusPort, "/-/ready"),
	}
	if p.Profile.Retention > 0 {
		server.Command = append(server.Command, "--storage.tsdb.retention.time="+unit.Duration(p.Profile.Retention))
	}
	if server.Ports, err = at(p.Profile.PrometheusURL, prometheusPort); err != nil {
		return nil, err
	}
	out.Services["prometheus"] = server

	if len(p.Profile.Receivers) > 0 {
		inside.Profile.Alertmanagers = []string{net.JoinHostPort("alertmanager", strconv.Itoa(alertmanagerPort))}
		inside.Profile.Receivers = outward(p.Profile.Receivers)
		written, err := alertmanager.Render(&inside)
		if err != nil {
			return nil, err
		}
		files = append(files, renamed(written, "alertmanager/alertmanager.yml")...)
		out.Services["alertmanager"] = &service{
			Image: AlertmanagerImage, Restart: "unless-stopped", Command: []string{"--config.file=/etc/alertmanager/alertmanager.yml"},
			Ports: []string{published(alertmanagerPort, alertmanagerPort)}, Volumes: []string{"./alertmanager.yml:/etc/alertmanager/alertmanager.yml:ro"},
			ExtraHosts: []string{host + ":host-gateway"}, Healthcheck: ready(alertmanagerPort, "/-/ready"),
		}
		server.DependsOn = append(server.DependsOn, "alertmanager")
	}
	written, err := prometheus.Render(&inside)
	if err != nil {
		return nil, err
	}
	files = append(files, renamed(written, "prometheus/prometheus.yml")...)

	written, err = grafana.Render(&inside)
	if err != nil {
		return nil, err
	}
	files = append(files, renamed(written, "grafana/provisioning/datasources/obsgen.yaml")...)
	viewer := &service{
		Image: GrafanaImage, Restart: "unless-stopped", DependsOn: []string{"prometheus"},
		// It listens on this machine only, so whoever reaches it may look without a password.
		Environment: map[string]string{"GF_AUTH_ANONYMOUS_ENABLED": "true", "GF_AUTH_ANONYMOUS_ORG_ROLE": "Viewer", "GF_ANALYTICS_REPORTING_ENABLED": "false"},
		Volumes: []string{
			"../grafana/dashboards:/var/lib/grafana/dashboards:ro", "../grafana/provisioning/dashboards:/etc/grafana/provisioning/dashboards:ro",
			"./obsgen.yaml:/etc/grafana/provisioning/datasources/obsgen.yaml:ro", "grafana:/var/lib/grafana",
		},
		Healthcheck: ready(grafanaPort, "/api/health"),
	}
	if home := home(p); home != "" {
		viewer.Environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"] = home
	}
	if viewer.Ports, err = at(p.Profile.GrafanaURL, grafanaPort); err != nil {
		return nil, err
	}
	out.Services["grafana"] = viewer
	if err := distinct(out.Services); err != nil {
		return nil, err
	}
	data, err := tree.YAML(out)
	if err != nil {
		return nil, fmt.Errorf("compose.yaml: %w", err)
	}
	return append(files, tree.File{Path: root + "/compose.yaml", Data: append([]byte(firstLine), data...)}), nil
}

// home is the dashboard that Grafana begins with.
func home(p *plan.Plan) string {
	written, err := grafana.Render(p)
	if err != nil || len(p.Boards) == 0 {
		return ""
	}
	for _, f := range written {
		if strings.HasSuffix(f.Path, "/"+p.Boards[0].UID+".json") {
			return strings.Replace(f.Path, "grafana/dashboards", "/var/lib/grafana/dashboards", 1)
		}
	}
	return ""
}

// renamed returns the one of some files that differs in the stack, in its folder.
func renamed(files []tree.File, name string) []tree.File {
	for _, f := range files {
		if f.Path == name {
			f.Path = root + "/" + path.Base(name)
			return []tree.File{f}
		}
	}
	return nil
}

// published returns a port of a container on this machine's loopback.
func published(outside, inside int) string { return fmt.Sprintf("127.0.0.1:%d:%d", outside, inside) }

// at publishes a port where an address of the profile says that it is.
func at(address string, inside int) ([]string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("the address %q: %w", address, err)
	}
	port, err := strconv.Atoi(u.Port())
	if err != nil {
		return nil, fmt.Errorf("the address %q has no port under which the stack could publish it", address)
	}
	return []string{published(port, inside)}, nil
}

// distinct returns an error where two services would be published under one port.
func distinct(services map[string]*service) error {
	by := map[string]string{}
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(services)) {
		for _, p := range services[name].Ports {
			outside := strings.Split(p, ":")[1]
			if other, ok := by[outside]; ok {
				errs = append(errs, fmt.Errorf("%s and %s would both be published at port %s; change an address of the profile", other, name, outside))
			}
			by[outside] = name
		}
	}
	return errors.Join(errs...)
}

// outward returns receivers whose addresses on this machine are as a container sees them.
func outward(rs []project.Receiver) []project.Receiver {
	out := slices.Clone(rs)
	for i, r := range out {
		if r.Webhook == nil || r.Webhook.URL == "" {
			continue
		}
		u, err := url.Parse(r.Webhook.URL)
		if err != nil {
			continue // Alertmanager says what is wrong with it
		}
		if ip := net.ParseIP(u.Hostname()); u.Hostname() == "localhost" || ip != nil && ip.IsLoopback() {
			port := u.Port()
			if u.Host = host; port != "" {
				u.Host = net.JoinHostPort(host, port)
			}
			hook := *r.Webhook
			hook.URL = u.String()
			out[i].Webhook = &hook
		}
	}
	return out
}
