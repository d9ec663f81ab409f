package mockforge_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/obsgen/obsgen/internal/testkit/optional"
	"github.com/obsgen/obsgen/internal/toolchain"
	"github.com/obsgen/obsgen/query"
)

const (
	helm  = out + "/profiles/production/helm"
	chart = helm + "/mockforge-observability"
)

// rendering is what Helm makes of a chart.
type rendering struct {
	files  []string // one manifest each
	rules  map[string]rulefmt.Rule
	config map[string]corev1.ConfigMap
	kinds  map[string]int
	texts  map[string]string // the whole text by kind
}

// rendered renders a chart with Helm's engine and reads the rules and dashboards of the result.
func renderedChart(t *testing.T, chart string, values ...string) rendering {
	t.Helper()
	r := rendering{rules: map[string]rulefmt.Rule{}, config: map[string]corev1.ConfigMap{}, kinds: map[string]int{}, texts: map[string]string{}}
	dir := t.TempDir()
	for i, part := range strings.Split("\n"+consumer(t, "", append([]string{"helm", chart}, values...)...), "\n---\n") {
		var of struct {
			Kind     string
			Metadata struct{ Name string }
			Spec     struct{ Groups []json.RawMessage }
		}
		if err := yaml.Unmarshal([]byte(part), &of); err != nil {
			t.Fatalf("%v\n%s", err, part)
		}
		if of.Kind == "" {
			continue
		}
		r.kinds[of.Kind]++
		r.texts[of.Kind] += part
		path := filepath.Join(dir, fmt.Sprint(i, ".yaml"))
		if err := os.WriteFile(path, []byte(part), 0o600); err != nil {
			t.Fatal(err)
		}
		if of.Kind != "ConfigMap" && of.Kind != "Service" {
			r.files = append(r.files, path)
		}
		if of.Kind == "ConfigMap" {
			var m corev1.ConfigMap
			if err := yaml.UnmarshalStrict([]byte(part), &m); err != nil {
				t.Fatal(err)
			}
			r.config[of.Metadata.Name] = m
		}
		for _, g := range of.Spec.Groups {
			maps.Copy(r.rules, rulesOf(t, g))
		}
	}
	return r
}

// rulesOf parses a group with Prometheus's own code, and returns its rules by name, their expressions in one form.
func rulesOf(t *testing.T, group []byte) map[string]rulefmt.Rule {
	t.Helper()
	data, err := yaml.JSONToYAML(append(append([]byte(`{"groups": [`), group...), "]}"...))
	if err != nil {
		t.Fatal(err)
	}
	return parsedRules(t, data)
}

func parsedRules(t *testing.T, data []byte) map[string]rulefmt.Rule {
	t.Helper()
	groups, errs := rulefmt.Parse(data, false, model.UTF8Validation, parser.NewParser(parser.Options{}), promslog.NewNopLogger())
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	out := map[string]rulefmt.Rule{}
	for _, g := range groups.Groups {
		for _, r := range g.Rules {
			e, err := query.ParseText(r.Expr)
			if err != nil {
				t.Fatal(err)
			}
			r.Expr = e.String()
			name := r.Alert
			if name == "" {
				name = g.Name + "/" + r.Record + fmt.Sprint(r.Labels)
			}
			if _, ok := out[name]; ok {
				t.Fatalf("two rules are %s", name)
			}
			out[name] = r
		}
	}
	return out
}

// written returns the rules that build writes for Prometheus.
func written(t *testing.T) map[string]rulefmt.Rule {
	t.Helper()
	all := map[string]rulefmt.Rule{}
	paths, err := filepath.Glob(out + "/profiles/production/prometheus/rules/*.yaml")
	if err != nil || len(paths) == 0 {
		t.Fatalf("%v, %v", paths, err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		maps.Copy(all, parsedRules(t, data))
	}
	return all
}

// TestChart lints the chart and renders it with each file of values, as Helm does, and looks at what comes of them: with the
// defaults exactly the rules that Prometheus gets, templates and all.
func TestChart(t *testing.T) {
	consumer(t, "", "lint", chart)
	crds := definitions(t)
	plain := written(t)
	for _, c := range []struct {
		values string
		kinds  map[string]int
		look   func(*testing.T, rendering)
	}{
		{"defaults", map[string]int{"PrometheusRule": 8, "ConfigMap": 8, "Service": 1, "ServiceMonitor": 1}, func(t *testing.T, r rendering) {
			if diff := cmp.Diff(plain, r.rules); diff != "" {
				t.Errorf("the rules are not those of Prometheus (-written +rendered):\n%s", diff)
			}
			for _, m := range r.config {
				for key, content := range m.Data {
					want, err := os.ReadFile(out + "/profiles/production/grafana/dashboards/mockforge/" + key)
					if err != nil {
						t.Fatal(err)
					}
					var ours, theirs any
					if json.Unmarshal([]byte(content), &ours) != nil || json.Unmarshal(want, &theirs) != nil || !cmp.Equal(ours, theirs) {
						t.Errorf("%s is another dashboard", key)
					}
				}
				if m.Labels["grafana_dashboard"] != "1" || m.Annotations["grafana_folder"] != "MockForge" {
					t.Errorf("%s: %v, %v", m.Name, m.Labels, m.Annotations)
				}
			}
		}},
		{"alerts", map[string]int{"PrometheusRule": 8, "ConfigMap": 8, "Service": 1, "ServiceMonitor": 1}, func(t *testing.T, r rendering) {
			want := maps.Clone(plain)
			delete(want, "MockForgeTargetAbsent")
			change := func(name string, f func(*rulefmt.Rule)) {
				x := want[name]
				x.Labels, x.Annotations = maps.Clone(x.Labels), maps.Clone(x.Annotations)
				f(&x)
				want[name] = x
			}
			replace := func(s *string, old, new string) {
				if !strings.Contains(*s, old) {
					t.Errorf("no %s in %s", old, *s)
				}
				*s = strings.Replace(*s, old, new, 1)
			}
			text := func(x *rulefmt.Rule, old, new string) {
				s := x.Annotations["description"]
				replace(&s, old, new)
				x.Annotations["description"] = s
			}
			change("MockForgeHighErrorRate", func(x *rulefmt.Rule) {
				replace(&x.Expr, "> 0.05", "> 0.07")
				text(x, "above 5% for", "above 7% for")
				x.For, x.Labels["severity"] = 15*60*1e9, "info"
			})
			change("MockForgeHighRequestsInFlight", func(x *rulefmt.Rule) {
				replace(&x.Expr, "> 1000", "> 2500")
				text(x, "1,000 requests", "2500 requests")
			})
			change("MockForgeHighMemoryUsage", func(x *rulefmt.Rule) {
				replace(&x.Expr, "> 858993459.2", "> 1073741824")
				text(x, "819.2 MiB", "1024 MiB")
				x.Labels["team"] = "platform"
			})
			if diff := cmp.Diff(want, r.rules); diff != "" {
				t.Errorf("-wanted +rendered:\n%s", diff)
			}
		}},
		{"rules-only", map[string]int{"PrometheusRule": 8}, func(t *testing.T, r rendering) {
			if n := strings.Count(r.texts["PrometheusRule"], "\n  namespace: monitoring\n"); n != 8 || strings.Count(r.texts["PrometheusRule"], "\n    prometheus: main\n") != 8 {
				t.Errorf("namespace and labels: %s", r.texts["PrometheusRule"])
			}
		}},
		{"dashboards-only", map[string]int{"ConfigMap": 8}, func(t *testing.T, r rendering) {
			for _, m := range r.config {
				if m.Labels["team_dashboard"] != "yes" || m.Annotations["team_folder"] != "Mocks" || m.Namespace != "grafana" {
					t.Errorf("%s: %v, %v, %s", m.Name, m.Labels, m.Annotations, m.Namespace)
				}
			}
		}},
		{"links", map[string]int{"PrometheusRule": 8, "ConfigMap": 8, "Service": 1, "ServiceMonitor": 1}, func(t *testing.T, r rendering) {
			for name, x := range r.rules {
				if x.Alert == "" {
					continue
				}
				if want := "https://runbooks.example.org/mockforge/alerts/" + name + ".md"; x.Annotations["runbook_url"] != want || x.Annotations["dashboard_url"] != "" {
					t.Errorf("%s: %v", name, x.Annotations)
				}
				if x.Labels["cluster"] != "eu-1" || x.Labels["region"] != "eu" || x.Labels["owner"] != plain[name].Labels["owner"] {
					t.Errorf("%s: %v", name, x.Labels)
				}
			}
		}},
		{"scraping", map[string]int{"Service": 1, "ServiceMonitor": 1}, func(t *testing.T, r rendering) {
			for kind, want := range map[string][]string{
				"Service":        {"namespace: mocks\n", "app: mocks\n", "port: 8080\n", "targetPort: http-metrics\n"},
				"ServiceMonitor": {"release: prometheus\n", "interval: 1m\n", "scrapeTimeout: 20s\n", `replacement: "mocks"`, "port: http-metrics\n"},
			} {
				for _, w := range want {
					if !strings.Contains(r.texts[kind], w) {
						t.Errorf("no %q in the %s", w, kind)
					}
				}
			}
		}},
	} {
		t.Run(c.values, func(t *testing.T) {
			r := renderedChart(t, chart, "testdata/helm/"+c.values+".yaml")
			if diff := cmp.Diff(c.kinds, r.kinds); diff != "" {
				t.Errorf("-wanted +rendered:\n%s", diff)
			}
			if len(r.files) > 0 {
				consumer(t, "", append([]string{"crds", crds}, r.files...)...)
			}
			c.look(t, r)
		})
	}
}

// TestChartRefusesValues shows that the schema names what is wrong before anything is applied.
func TestChartRefusesValues(t *testing.T) {
	for values, want := range map[string]string{
		"alerts: {MockForgeHighErorRate: {threshold: 0.1}}":   "MockForgeHighErorRate",
		"alerts: {MockForgeHighErrorRate: {threshold: high}}": "threshold",
		"alerts: {MockForgeHighErrorRate: {threshold: -1}}":   "threshold",
		"alerts: {MockForgeHighErrorRate: {for: a while}}":    "for",
		"alerts: {MockForgeTargetAbsent: {threshold: 1}}":     "threshold",
		"serviceMonitor: {portNumber: 99999}":                 "portNumber",
		"dashboard: {enabled: false}":                         "dashboard",
	} {
		path := filepath.Join(t.TempDir(), "values.yaml")
		if err := os.WriteFile(path, []byte(values), 0o600); err != nil {
			t.Fatal(err)
		}
		msg, err := exec.Command(toolchain.Consumers(t), "helm", chart, path).CombinedOutput()
		if err == nil || !strings.Contains(string(msg), want) {
			t.Errorf("%s: %v\n%s", values, err, msg)
		}
	}
}

// asKubePrometheusStack is a chart that reads values as kube-prometheus-stack and its Grafana do: rules and dashboards are not
// looked at as templates.
var asKubePrometheusStack = map[string]string{
	"Chart.yaml": "apiVersion: v2\nname: stack\nversion: 1.0.0\n",
	"templates/rules.yaml": `{{- range $name, $rule := .Values.additionalPrometheusRulesMap }}
---
kind: PrometheusRule
apiVersion: monitoring.coreos.com/v1
metadata: {name: {{ $name }}}
spec:
  groups:
{{ toYaml $rule.groups | indent 4 }}
{{- end }}
`,
	"templates/dashboards.yaml": `{{- range $provider, $dashboards := .Values.grafana.dashboards }}
---
kind: ConfigMap
apiVersion: v1
metadata: {name: {{ $provider }}}
data:
{{- range $key, $value := $dashboards }}
  {{ $key }}.json: |-
    {{- $value.json | nindent 4 }}
{{- end }}
{{- end }}
`,
}

// TestKubePrometheusStack gives the values for that chart to one that reads them as it does, and compares rules and dashboards.
func TestKubePrometheusStack(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "stack")
	for name, text := range asKubePrometheusStack {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r := renderedChart(t, dir, helm+"/kube-prometheus-stack/rules.yaml", helm+"/kube-prometheus-stack/dashboards.yaml", helm+"/kube-prometheus-stack/sidecar.yaml")
	if diff := cmp.Diff(written(t), r.rules); diff != "" {
		t.Errorf("the rules are not those of Prometheus (-written +rendered):\n%s", diff)
	}
	n := 0
	for _, m := range r.config {
		size := 0
		for key, content := range m.Data {
			var ours, theirs any
			want, err := os.ReadFile(out + "/profiles/production/grafana/dashboards/mockforge/" + key)
			if err != nil || json.Unmarshal(want, &theirs) != nil || json.Unmarshal([]byte(content), &ours) != nil || !cmp.Equal(ours, theirs) {
				t.Errorf("%s is another dashboard (%v)", key, err)
			}
			n++
			size += len(content)
		}
		if size > 1<<20 {
			t.Errorf("the ConfigMap of %s has %d bytes", m.Name, size)
		}
	}
	if n != 8 {
		t.Errorf("%d dashboards", n)
	}
	consumer(t, "", append([]string{"crds", definitions(t)}, r.files...)...)
}

// TestCorpusServiceValues renders the ServiceMonitor of MockForge's own chart, where its corpus is at hand, with the values that
// build writes for it.
func TestCorpusServiceValues(t *testing.T) {
	theirs := optional.Corpus(t, "mockforge", "helm", "mockforge")
	dir := filepath.Join(t.TempDir(), "mockforge")
	if err := os.CopyFS(dir, os.DirFS(theirs)); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"Chart.yaml":             "apiVersion: v2\nname: mockforge\nversion: 1.0.0\n",
		"templates/_helpers.tpl": "{{ define \"mockforge.fullname\" }}mockforge{{ end }}{{ define \"mockforge.labels\" }}a: b{{ end }}{{ define \"mockforge.selectorLabels\" }}a: b{{ end }}",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if r := renderedChart(t, dir); len(r.kinds) != 0 {
		t.Errorf("without the values: %v", r.kinds)
	}
	r := renderedChart(t, dir, helm+"/service-values.yaml")
	if r.kinds["ServiceMonitor"] != 1 || !strings.Contains(r.texts["ServiceMonitor"], "interval: 30s\n") {
		t.Errorf("%v\n%s", r.kinds, r.texts["ServiceMonitor"])
	}
	consumer(t, "", append([]string{"crds", definitions(t)}, r.files...)...)
	// Every value has a place in the chart's own values.yaml.
	read := func(path string) (v map[string]any) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := yaml.Unmarshal(data, &v); err != nil {
			t.Fatal(err)
		}
		return v
	}
	var known func(at string, ours, theirs any)
	known = func(at string, ours, theirs any) {
		o, ok := ours.(map[string]any)
		if !ok {
			return
		}
		of, ok := theirs.(map[string]any)
		for k, v := range o {
			if _, has := of[k]; !ok || !has {
				t.Errorf("the chart has no value %s.%s", at, k)
				continue
			}
			known(at+"."+k, v, of[k])
		}
	}
	known("", read(helm+"/service-values.yaml"), read(theirs+"/values.yaml"))
}
