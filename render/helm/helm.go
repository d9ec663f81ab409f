// Package helm writes a plan for Helm: a chart of its own, and values for the charts of others, which are
// kube-prometheus-stack and the service's.
//
// There is no promise of compatibility before 1.0.
package helm

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/plan"
	"github.com/obsgen/obsgen/project"
	"github.com/obsgen/obsgen/render/grafana"
	"github.com/obsgen/obsgen/render/kubernetes"
	"github.com/obsgen/obsgen/render/prometheus"
	"github.com/obsgen/obsgen/render/tree"
	"github.com/obsgen/obsgen/unit"
)

const firstLine = "# Written by obsgen build. Change the project's declarations instead.\n"

// root is the folder of the output.
const root = "helm"

// Render returns helm/<project>-observability/, a chart of rules, dashboards and scraping; helm/kube-prometheus-stack/, values
// for that chart; and helm/service-values.yaml, values for the service's own chart, where the profile names any.
func Render(p *plan.Plan) ([]tree.File, error) {
	w := &writer{plan: p}
	for _, part := range []func(*writer) error{(*writer).chart, (*writer).stack, (*writer).service} {
		if err := part(w); err != nil {
			return nil, err
		}
	}
	return w.files, nil
}

type writer struct {
	plan  *plan.Plan
	files []tree.File
}

func (w *writer) add(name string, data []byte) {
	w.files = append(w.files, tree.File{Path: path.Join(root, name), Data: data})
}

func (w *writer) addYAML(name string, v any) error {
	data, err := tree.YAML(v)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	w.add(name, append([]byte(firstLine), data...))
	return nil
}

// ruleGroup and rule are as Prometheus has them; both the operator's objects and values hold them like that.
type ruleGroup struct {
	Name     string `json:"name"`
	Interval string `json:"interval"`
	Offset   string `json:"query_offset,omitempty"`
	Limit    int    `json:"limit,omitempty"`
	Rules    []rule `json:"rules"`
}

type rule struct {
	Record        string            `json:"record,omitempty"`
	Alert         string            `json:"alert,omitempty"`
	Expr          string            `json:"expr"`
	For           string            `json:"for,omitempty"`
	KeepFiringFor string            `json:"keep_firing_for,omitempty"`
	Labels        map[string]string `json:"labels,omitempty"`
	Annotations   map[string]string `json:"annotations,omitempty"`
	// Chart is what the chart's template needs to know beside the rule.
	Chart *overridable `json:"chart,omitempty"`
}

// overridable is what of an alert the chart's values can change.
type overridable struct {
	Threshold string `json:"threshold,omitempty"`
	// Text says the threshold in the annotations: Factor times it, with Suffix.
	Text      string  `json:"text,omitempty"`
	Factor    float64 `json:"factor,omitempty"`
	Suffix    string  `json:"suffix,omitempty"`
	Runbook   string  `json:"runbook,omitempty"`
	Dashboard string  `json:"dashboard,omitempty"`
}

func groupOf(g *plan.Group) ruleGroup {
	out := ruleGroup{Name: g.Name, Interval: unit.Duration(g.Interval), Limit: g.Limit}
	if g.Offset > 0 {
		out.Offset = unit.Duration(g.Offset)
	}
	return out
}

func (w *writer) ruleOf(r *plan.Rule) rule {
	out := rule{Record: r.Record, Expr: r.Expr.Pretty(), Labels: maps.Clone(r.Labels)}
	if a := r.Alert; a != nil {
		out.Record, out.Alert, out.Annotations = "", a.Name, prometheus.Annotations(w.plan, r)
		if a.For > 0 {
			out.For = unit.Duration(a.For)
		}
		if a.KeepFiringFor > 0 {
			out.KeepFiringFor = unit.Duration(a.KeepFiringFor)
		}
	}
	return out
}

// Placeholders of the chart's rules.
const (
	thresholdHere = "@threshold@"
	textHere      = "@thresholdText@"
)

// sentinel is a threshold that no expression has.
const sentinel = 987654321.125

var leading = regexp.MustCompile(`^-?[0-9][0-9,]*(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?`)

// templated returns a rule as the chart keeps it: what values can change is apart.
func (w *writer) templated(r *plan.Rule) rule {
	out := w.ruleOf(r)
	a := r.Alert
	if a == nil {
		return out
	}
	c := &overridable{}
	out.Chart = c
	profile := w.plan.Profile
	if url := out.Annotations["runbook_url"]; url != "" {
		c.Runbook = strings.TrimPrefix(strings.TrimPrefix(url, strings.TrimSuffix(profile.RunbookURL, "/")), "/")
		delete(out.Annotations, "runbook_url")
	}
	if url := out.Annotations["dashboard_url"]; url != "" {
		c.Dashboard = strings.TrimPrefix(url, strings.TrimSuffix(profile.GrafanaURL, "/"))
		delete(out.Annotations, "dashboard_url")
	}
	if !a.HasThreshold {
		return out
	}
	number := func(v float64) string { return (&parser.NumberLiteral{Val: v}).String() }
	expr := r.With(sentinel).Pretty()
	if strings.Count(expr, number(sentinel)) != 1 {
		return out // it cannot be told apart
	}
	if strings.Replace(expr, number(sentinel), number(a.Threshold), 1) != out.Expr {
		expr = r.With(sentinel).Text() // its lines would break elsewhere
	}
	expr = strings.Replace(expr, number(sentinel), thresholdHere, 1)
	c.Threshold = number(a.Threshold)
	u := a.Value.Type.Unit
	c.Text, c.Factor, c.Suffix = u.Format(a.Threshold), 1, ""
	shown, of := c.Text, a.Threshold
	if of == 0 {
		shown, of = u.Format(1), 1
	}
	if n := leading.FindString(shown); n != "" {
		if v, err := strconv.ParseFloat(strings.ReplaceAll(n, ",", ""), 64); err == nil {
			c.Factor, c.Suffix = rounded(v/of), shown[len(n):]
		}
	}
	out.Expr = expr
	out.Annotations["summary"], out.Annotations["description"] = a.TextsWith(textHere)
	return out
}

// rounded drops what division leaves at the end.
func rounded(v float64) float64 {
	out, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 12, 64), 64)
	if err != nil {
		return v
	}
	return out
}

// name is what the chart is called.
func (w *writer) name() string { return w.plan.Name + "-observability" }

// chart writes the chart.
func (w *writer) chart() error {
	at := w.name() + "/"
	meta := map[string]any{
		"apiVersion": "v2", "name": w.name(), "version": w.plan.Version, "type": "application", "kubeVersion": ">=1.25.0-0",
		"description": "Dashboards, rules and scraping of " + w.plan.Title + ".",
	}
	if err := w.addYAML(at+"Chart.yaml", meta); err != nil {
		return err
	}
	var groups []ruleGroup
	for _, g := range w.plan.Groups {
		group := groupOf(g)
		for _, r := range g.Rules {
			group.Rules = append(group.Rules, w.templated(r))
		}
		groups = append(groups, group)
	}
	// They are not called groups: with their placeholders this is no file of rules.
	if err := w.addYAML(at+"files/rules.yaml", map[string]any{"ruleGroups": groups}); err != nil {
		return err
	}
	var boards []map[string]any
	for _, b := range w.plan.Boards {
		data, err := grafana.Classic(w.plan, b)
		if err != nil {
			return err
		}
		content, err := kubernetes.ConfigData(b.UID, data)
		if err != nil {
			return err
		}
		w.add(at+"files/dashboards/"+b.UID+".json", []byte(content))
		boards = append(boards, map[string]any{"uid": b.UID, "folder": b.Folder})
	}
	if err := w.addYAML(at+"files/dashboards.yaml", map[string]any{"dashboards": boards}); err != nil {
		return err
	}
	values, err := w.values()
	if err != nil {
		return err
	}
	w.add(at+"values.yaml", []byte(values))
	schema, err := w.schema()
	if err != nil {
		return err
	}
	w.add(at+"values.schema.json", schema)
	for name, text := range templates {
		w.add(at+"templates/"+name, []byte(strings.ReplaceAll(text, "CHART", w.name())))
	}
	slices.SortFunc(w.files, func(a, b tree.File) int { return strings.Compare(a.Path, b.Path) })
	return nil
}

// quoted writes a string as YAML has it.
func quoted(s string) string {
	data, _ := json.Marshal(s) // a string always has a form, and JSON is YAML
	return string(data)
}

// inline writes a map as YAML has it in one line.
func inline(m map[string]string) string {
	parts := make([]string, 0, len(m))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		parts = append(parts, quoted(k)+": "+quoted(m[k]))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// values writes the chart's values.yaml, with a comment on each.
func (w *writer) values() (string, error) {
	p, k := w.plan.Profile, w.plan.Profile.Kubernetes
	port, err := p.MetricsPort()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, `%s
# Where the runbooks are published, without a slash at the end; empty: no runbook_url.
runbookBaseURL: %s
# Where Grafana is, without a slash at the end; empty: no dashboard_url.
grafanaURL: %s

rules:
  enabled: true
  # The namespace of the PrometheusRules; empty: that of the release.
  namespace: ""
  # Labels of the PrometheusRules: what the operator's Prometheus selects by.
  labels: %s
  # Labels that every alert gets beside its own, such as {cluster: eu-1}.
  extraLabels: {}

# What is to be otherwise for single alerts, by name: enabled, severity, threshold (in the unit of the expression), for, labels.
#   alerts:
#     %s: {threshold: %s, severity: info, for: 15m}
alerts: {}

dashboards:
  enabled: true
  # The namespace of the ConfigMaps; empty: that of the release.
  namespace: ""
  # The label by which Grafana's sidecar finds the ConfigMaps, and the annotation by which it takes the folder.
  label: %s
  labelValue: "1"
  folderAnnotation: %s
  # The folder of all dashboards; empty: each its own.
  folder: ""

serviceMonitor:
  enabled: true
  namespace: ""
  labels: %s
  interval: %s
  # Empty: the operator's.
  scrapeTimeout: ""
  # The job that rules and dashboards ask for.
  job: %s
  # Labels of the service's pods, and the name and number of their port.
  selector: %s
  port: %s
  portNumber: %d
`, firstLine, quoted(p.RunbookURL), quoted(p.GrafanaURL), inline(k.Labels), w.example().name, w.example().threshold, kubernetes.SidecarLabel, kubernetes.SidecarFolder,
		inline(k.Labels), unit.Duration(p.ScrapeInterval), quoted(p.Job), inline(p.PodLabels(w.plan.Name)), quoted(p.PodPort()), port)
	return b.String(), nil
}

// example returns an alert that has a threshold, and another one for it.
func (w *writer) example() (out struct{ name, threshold string }) {
	out.name, out.threshold = "Alert", "1"
	for _, r := range w.plan.Alerts() {
		if r.Alert.HasThreshold && r.Alert.Threshold != 0 {
			out.name, out.threshold = r.Alert.Name, strconv.FormatFloat(r.Alert.Threshold*2, 'g', 6, 64)
			return out
		}
	}
	return out
}

// schema writes values.schema.json: Helm refuses values that it has not, such as an alert that there is not.
func (w *writer) schema() ([]byte, error) {
	type object = map[string]any
	text, flag := object{"type": "string"}, object{"type": "boolean"}
	texts := object{"type": "object", "additionalProperties": text}
	closed := func(properties object) object {
		return object{"type": "object", "additionalProperties": false, "properties": properties}
	}
	// What Prometheus takes for a duration, and the empty text where it may be left out.
	const durationPattern = `([0-9]+(y|w|d|h|m|s|ms))+`
	duration := object{"type": "string", "pattern": "^" + durationPattern + "$"}
	alerts := object{}
	for _, r := range w.plan.Alerts() {
		fields := object{"enabled": flag, "severity": text, "for": duration, "labels": texts}
		if c := w.templated(r).Chart; c.Threshold != "" {
			threshold := object{"type": "number", "description": "Usually " + c.Threshold + "."}
			if bounds := r.Alert.Value.Type.Range; !math.IsInf(bounds.Lo, 0) && !math.IsNaN(bounds.Lo) {
				threshold["minimum"] = bounds.Lo
			}
			fields["threshold"] = threshold
		}
		alerts[r.Alert.Name] = closed(fields)
	}
	schema := closed(object{
		"global":         object{"type": "object"}, // of a chart that has this one as a part
		"runbookBaseURL": text, "grafanaURL": text,
		"rules":      closed(object{"enabled": flag, "namespace": text, "labels": texts, "extraLabels": texts}),
		"alerts":     closed(alerts),
		"dashboards": closed(object{"enabled": flag, "namespace": text, "label": text, "labelValue": text, "folderAnnotation": text, "folder": text}),
		"serviceMonitor": closed(object{
			"enabled": flag, "namespace": text, "labels": texts, "interval": duration, "scrapeTimeout": object{"type": "string", "pattern": "^(" + durationPattern + ")?$"},
			"job": text, "selector": texts, "port": text, "portNumber": object{"type": "integer", "minimum": 1, "maximum": 65535},
		}),
	})
	schema["$schema"], schema["title"] = "http://json-schema.org/draft-07/schema#", "Values of "+w.name()
	data, err := json.MarshalIndent(schema, "", "  ")
	return append(data, '\n'), err
}

// mostOfProvider is how much the dashboards of one provider may have together: Grafana's chart puts them into one ConfigMap.
const mostOfProvider = 900 << 10

// stack writes values for kube-prometheus-stack: rules in additionalPrometheusRulesMap, and dashboards either by its sidecar
// or in the values themselves.
func (w *writer) stack() error {
	const at = "kube-prometheus-stack/"
	rules := map[string]any{}
	for _, g := range w.plan.Groups {
		group := groupOf(g)
		for _, r := range g.Rules {
			group.Rules = append(group.Rules, w.ruleOf(r))
		}
		rules[strings.ReplaceAll(g.Name, "_", "-")] = map[string]any{"groups": []ruleGroup{group}}
	}
	if err := w.addYAML(at+"rules.yaml", map[string]any{"additionalPrometheusRulesMap": rules}); err != nil {
		return err
	}
	sidecar := map[string]any{"grafana": map[string]any{"sidecar": map[string]any{"dashboards": map[string]any{
		"enabled": true, "label": kubernetes.SidecarLabel, "labelValue": "1", "folderAnnotation": kubernetes.SidecarFolder, "searchNamespace": "ALL",
		"provider": map[string]any{"foldersFromFilesStructure": true},
	}}}}
	if err := w.addYAML(at+"sidecar.yaml", sidecar); err != nil {
		return err
	}
	type provider struct {
		name, folder string
		size         int
		dashboards   map[string]any
	}
	var providers []*provider
	for _, b := range w.plan.Boards {
		data, err := grafana.Classic(w.plan, b)
		if err != nil {
			return err
		}
		var compact any
		if err := json.Unmarshal(data, &compact); err != nil {
			return err
		}
		line, err := json.Marshal(compact)
		if err != nil {
			return err
		}
		if len(line) > mostOfProvider {
			return fmt.Errorf("dashboard %s has %d bytes, and a ConfigMap takes %d: split it", b.UID, len(line), 1<<20)
		}
		i := slices.IndexFunc(providers, func(p *provider) bool { return p.folder == b.Folder && p.size+len(line) <= mostOfProvider })
		if i < 0 {
			i = len(providers)
			providers = append(providers, &provider{name: w.plan.Name + "-" + strconv.Itoa(i+1), folder: b.Folder, dashboards: map[string]any{}})
		}
		providers[i].size += len(line)
		providers[i].dashboards[b.UID] = map[string]any{"json": string(line)}
	}
	var list []any
	dashboards := map[string]any{}
	for _, p := range providers {
		list = append(list, map[string]any{
			"name": p.name, "orgId": 1, "folder": p.folder, "type": "file", "disableDeletion": true, "editable": false,
			"options": map[string]any{"path": "/var/lib/grafana/dashboards/" + p.name},
		})
		dashboards[p.name] = p.dashboards
	}
	return w.addYAML(at+"dashboards.yaml", map[string]any{"grafana": map[string]any{
		"dashboardProviders": map[string]any{w.plan.Name + ".yaml": map[string]any{"apiVersion": 1, "providers": list}},
		"dashboards":         dashboards,
	}})
}

// service writes values for the service's own chart.
func (w *writer) service() error {
	if len(w.plan.Profile.ServiceValues) == 0 {
		return nil
	}
	values := map[string]any{}
	for _, at := range slices.Sorted(maps.Keys(w.plan.Profile.ServiceValues)) {
		var v any
		port, err := w.plan.Profile.MetricsPort()
		switch w.plan.Profile.ServiceValues[at] {
		case project.HelmTrue:
			v, err = true, nil
		case project.HelmScrapeInterval:
			v, err = unit.Duration(w.plan.Profile.ScrapeInterval), nil
		case project.HelmPort:
			v = port
		case project.HelmPortText:
			v = strconv.Itoa(port)
		case project.HelmPath:
			v, err = "/metrics", nil
		case project.HelmReplicas:
			v, err = w.plan.Profile.Replicas, nil
		default:
			err = fmt.Errorf("profile %s: the value %q of %s is not known", w.plan.Profile.Name, w.plan.Profile.ServiceValues[at], at)
		}
		if err != nil {
			return err
		}
		set(values, strings.Split(strings.ReplaceAll(at, `\.`, "\x00"), "."), v)
	}
	return w.addYAML("service-values.yaml", values)
}

// set puts a value where a path leads. A dot that is a part of a key is written \. in the path, as helm --set has it.
func set(in map[string]any, at []string, v any) {
	key := strings.ReplaceAll(at[0], "\x00", ".")
	if len(at) == 1 {
		in[key] = v
		return
	}
	next, ok := in[key].(map[string]any)
	if !ok {
		next = map[string]any{}
		in[key] = next
	}
	set(next, at[1:], v)
}
