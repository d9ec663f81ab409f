package project

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"

	"github.com/obsgen/obsgen/diag"
)

// ConfigFile is the name of the file that adjusts a project without touching its Go code.
const ConfigFile = "obsgen.yaml"

// Config is the content of obsgen.yaml.
type Config struct {
	// Out is the folder that build writes; empty: out.
	Out string `yaml:"out"`
	// Profiles change or add environments, by name. What a profile leaves out is as in the project's
	// profile of that name, or in its first one.
	Profiles map[string]ProfileConfig `yaml:"profiles"`
	// Fragments are the files of parts of the catalog that others bring along, such as plugins: paths or patterns of them,
	// seen from the folder of obsgen.yaml.
	Fragments []string `yaml:"fragments"`
	// Lint adjusts obsgen lint.
	Lint LintConfig `yaml:"lint"`
}

// LintConfig adjusts the checks of files that others wrote.
type LintConfig struct {
	// Off are checks that do not run, by id, each with the reason.
	Off map[string]string `yaml:"off"`
	// Severities replace those of checks: error, warning or info.
	Severities map[string]string `yaml:"severities"`
	// ScrapeInterval is how often targets are scraped, EvaluationInterval how often groups without an interval run,
	// Retention how long samples are kept, Lookback how old a sample may be: for the checks of windows.
	ScrapeInterval     *model.Duration `yaml:"scrapeInterval"`
	EvaluationInterval *model.Duration `yaml:"evaluationInterval"`
	Retention          *model.Duration `yaml:"retention"`
	Lookback           *model.Duration `yaml:"lookback"`
	// Prometheus is the oldest version that has to run the queries: "3.5". Features are the feature flags that it has on.
	Prometheus string   `yaml:"prometheus"`
	Features   []string `yaml:"features"`
	// ExternalLabels are the names of the labels that Prometheus adds to what it sends.
	ExternalLabels []string `yaml:"externalLabels"`
	// Policy is what the team asks of rules and dashboards beyond their being right.
	Policy LintPolicy `yaml:"policy"`
}

// LintPolicy is what a team asks of its rules and dashboards. What is left out is not asked. Patterns are regular
// expressions that match the whole value.
type LintPolicy struct {
	Annotations         map[string]string `yaml:"annotations"`
	Labels              map[string]string `yaml:"labels"`
	RejectedLabels      map[string]string `yaml:"rejectedLabels"`
	RejectedAnnotations map[string]string `yaml:"rejectedAnnotations"`
	AlertName           string            `yaml:"alertName"`
	RecordName          string            `yaml:"recordName"`
	For                 LintBounds        `yaml:"for"`
	KeepFiringFor       LintBounds        `yaml:"keepFiringFor"`
	Interval            LintBounds        `yaml:"interval"`
	MaxRules            int               `yaml:"maxRules"`
	MaxWindow           *model.Duration   `yaml:"maxWindow"`
	RequiredMatchers    []string          `yaml:"requiredMatchers"`
	KeptLabels          []string          `yaml:"keptLabels"`
	DeniedLabels        []string          `yaml:"deniedLabels"`
	SensitiveLabels     []string          `yaml:"sensitiveLabels"`
	DeniedMetrics       string            `yaml:"deniedMetrics"`
	MetricPrefix        string            `yaml:"metricPrefix"`
	MaxSeries           int               `yaml:"maxSeries"`
	MaxMetricSeries     int               `yaml:"maxMetricSeries"`
	MaxDashboardSamples int               `yaml:"maxDashboardSamples"`
}

// LintBounds are a least and a greatest duration.
type LintBounds struct {
	Min *model.Duration `yaml:"min"`
	Max *model.Duration `yaml:"max"`
}

// ProfileConfig is an environment in obsgen.yaml. Durations are Prometheus's: 30s, 1m, 15d.
type ProfileConfig struct {
	Job                *string            `yaml:"job"`
	Targets            []string           `yaml:"targets"`
	Alertmanagers      []string           `yaml:"alertmanagers"`
	Cluster            *string            `yaml:"cluster"`
	DataSource         *string            `yaml:"dataSource"`
	PrometheusURL      *string            `yaml:"prometheusURL"`
	ScrapeInterval     *model.Duration    `yaml:"scrapeInterval"`
	EvaluationInterval *model.Duration    `yaml:"evaluationInterval"`
	Retention          *model.Duration    `yaml:"retention"`
	Features           []string           `yaml:"features"` // nil: those of lint
	Replicas           *int               `yaml:"replicas"`
	Labels             map[string]string  `yaml:"labels"`
	Thresholds         map[string]float64 `yaml:"thresholds"`
	RunbookURL         *string            `yaml:"runbookURL"`
	GrafanaURL         *string            `yaml:"grafanaURL"`
	Outputs            []string           `yaml:"outputs"`
	Receivers          []Receiver         `yaml:"receivers"`
	Kubernetes         *KubernetesConfig  `yaml:"kubernetes"`
}

// ReadConfig reads obsgen.yaml in a folder; a file that is not there is an empty one. An unknown key is an error,
// since it is a misspelt one.
func ReadConfig(dir string) (Config, error) {
	var c Config
	data, err := os.ReadFile(filepath.Join(dir, ConfigFile))
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return c, fmt.Errorf("reading the configuration: %w", err)
	}
	return ParseConfig(ConfigFile, data)
}

// ParseConfig parses the content of obsgen.yaml; path is for messages, which name the line.
func ParseConfig(path string, data []byte) (Config, error) {
	var c Config
	var root yaml.Node
	if err := yaml.Unmarshal(data, &root); err != nil {
		return c, located(path, err)
	}
	if len(root.Content) == 0 {
		return c, nil // an empty file
	}
	if err := unknownKey(root.Content[0], reflect.TypeFor[Config]()); err != nil {
		return c, fmt.Errorf("%s:%w", path, err)
	}
	if err := root.Decode(&c); err != nil {
		return Config{}, located(path, err)
	}
	for _, name := range slices.Sorted(maps.Keys(c.Profiles)) {
		if err := c.Profiles[name].check(); err != nil {
			return Config{}, fmt.Errorf("%s: profile %s: %w", path, name, err)
		}
	}
	return c, nil
}

var yamlLine = regexp.MustCompile(`^(?:yaml: )?line (\d+): `)

// located puts the path before an error of the YAML library, and the line that it names in the usual form.
func located(path string, err error) error {
	var types *yaml.TypeError
	text := err.Error()
	if errors.As(err, &types) && len(types.Errors) > 0 {
		text = types.Errors[0]
	}
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		return fmt.Errorf("%s:%s: %s", path, m[1], text[len(m[0]):])
	}
	return fmt.Errorf("%s: %s", path, strings.TrimPrefix(text, "yaml: "))
}

// unknownKey returns an error for a key of a mapping that a type has no field for.
func unknownKey(n *yaml.Node, t reflect.Type) error {
	if n.Kind == yaml.SequenceNode && t.Kind() == reflect.Slice {
		for _, item := range n.Content {
			if err := unknownKey(item, t.Elem()); err != nil {
				return err
			}
		}
	}
	if n.Kind != yaml.MappingNode {
		return nil // decoding says what is wrong
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.Map:
		for i := 1; i < len(n.Content); i += 2 {
			if err := unknownKey(n.Content[i], t.Elem()); err != nil {
				return err
			}
		}
	case reflect.Struct:
		fields := map[string]reflect.Type{}
		for i := range t.NumField() {
			fields[t.Field(i).Tag.Get("yaml")] = t.Field(i).Type
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i]
			field, ok := fields[key.Value]
			if !ok {
				known := slices.Sorted(maps.Keys(fields))
				mend := "; there are " + strings.Join(known, ", ")
				if near := diag.Nearest(key.Value, known); near != "" {
					mend = "; did you mean " + near + "?"
				}
				return fmt.Errorf("%d:%d: there is no key %s%s", key.Line, key.Column, key.Value, mend)
			}
			if err := unknownKey(n.Content[i+1], field); err != nil {
				return err
			}
		}
	}
	return nil
}

var profileName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]*$`)

func (p ProfileConfig) check() error {
	for _, d := range []struct {
		name  string
		value *model.Duration
	}{{"scrapeInterval", p.ScrapeInterval}, {"evaluationInterval", p.EvaluationInterval}, {"retention", p.Retention}} {
		if d.value != nil && *d.value <= 0 {
			return fmt.Errorf("%s is %s; use a positive duration", d.name, d.value)
		}
	}
	if p.Replicas != nil && *p.Replicas < 1 {
		return fmt.Errorf("replicas is %d; use 1 or more", *p.Replicas)
	}
	return nil
}

// Environments returns the profiles that files are made for: the project's, as the configuration changes
// them, then those that it adds, by name. The first is the usual one.
func (p *Project) Environments(c Config) ([]Profile, error) {
	out := slices.Clone(p.Profiles)
	if len(out) == 0 {
		out = []Profile{Usual(p.Name)}
	}
	left := maps.Clone(c.Profiles)
	for i := range out {
		if out[i].Features == nil {
			out[i].Features = c.Lint.Features
		}
		if over, ok := left[out[i].Name]; ok {
			out[i] = over.apply(out[i])
			delete(left, out[i].Name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(left)) {
		added := left[name].apply(out[0])
		added.Name = name
		out = append(out, added)
	}
	for _, e := range out {
		if !profileName.MatchString(e.Name) {
			return nil, fmt.Errorf("profile %q: its name is part of a path; use lower-case letters, digits and -", e.Name)
		}
		if err := e.checkDeployment(); err != nil {
			return nil, fmt.Errorf("profile %s: %w", e.Name, err)
		}
		if e.ScrapeInterval <= 0 || e.EvaluationInterval <= 0 {
			return nil, fmt.Errorf("profile %s: the scrape and evaluation intervals must be positive", e.Name)
		}
	}
	return out, nil
}

func (p ProfileConfig) apply(to Profile) Profile {
	text := func(dst *string, src *string) {
		if src != nil {
			*dst = *src
		}
	}
	duration := func(dst *time.Duration, src *model.Duration) {
		if src != nil {
			*dst = time.Duration(*src)
		}
	}
	text(&to.Job, p.Job)
	text(&to.Cluster, p.Cluster)
	text(&to.DataSource, p.DataSource)
	text(&to.PrometheusURL, p.PrometheusURL)
	text(&to.RunbookURL, p.RunbookURL)
	text(&to.GrafanaURL, p.GrafanaURL)
	duration(&to.ScrapeInterval, p.ScrapeInterval)
	duration(&to.EvaluationInterval, p.EvaluationInterval)
	duration(&to.Retention, p.Retention)
	if p.Features != nil {
		to.Features = p.Features
	}
	if p.Targets != nil {
		to.Targets = p.Targets
	}
	if p.Alertmanagers != nil {
		to.Alertmanagers = p.Alertmanagers
	}
	if p.Replicas != nil {
		to.Replicas = *p.Replicas
	}
	if p.Outputs != nil {
		to.Outputs = p.Outputs
	}
	if p.Receivers != nil {
		to.Receivers = p.Receivers
	}
	if k := p.Kubernetes; k != nil {
		was := to.Kubernetes
		to.Kubernetes = KubernetesConfig{
			Namespace: cmp.Or(k.Namespace, was.Namespace), Port: cmp.Or(k.Port, was.Port), Selector: joined(was.Selector, k.Selector),
			Labels: joined(was.Labels, k.Labels), Grafana: joined(was.Grafana, k.Grafana),
		}
	}
	to.Labels = joined(to.Labels, p.Labels)
	to.Thresholds = joined(to.Thresholds, p.Thresholds)
	return to
}

func joined[V any](a, b map[string]V) map[string]V {
	out := map[string]V{}
	maps.Copy(out, a)
	maps.Copy(out, b)
	return out
}
