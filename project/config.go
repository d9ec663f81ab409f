package project

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/internal/file"
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

	file string
	at   map[string]diag.Position // of keys, by their path joined by NUL
}

// At returns where the file has a key, by its path, such as "lint", "off", "hist/no-le"; the nearest key above it, or else the
// file, where it has none.
func (c Config) At(path ...string) diag.Position {
	for n := len(path); n > 0; n-- {
		if p, ok := c.at[strings.Join(path[:n], "\x00")]; ok {
			return p
		}
	}
	return diag.Position{File: cmp.Or(c.file, ConfigFile)}
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
	data, err := file.Read(filepath.Join(dir, ConfigFile))
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
	c.file, c.at = path, map[string]diag.Position{}
	if err := c.read(root.Content[0], reflect.TypeFor[Config](), nil); err != nil {
		return Config{}, fmt.Errorf("%s:%w", path, err)
	}
	if err := root.Decode(&c); err != nil {
		return Config{}, located(path, err)
	}
	for _, name := range slices.Sorted(maps.Keys(c.Profiles)) {
		if key, err := c.Profiles[name].check(); err != nil {
			return Config{}, fmt.Errorf("%s: profile %s: %w", c.At("profiles", name, key), name, err)
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

// read notes where each key is, and returns the first error: a key that a type has no field for, or a value of another type.
func (c *Config) read(n *yaml.Node, t reflect.Type, path []string) error {
	if n.Kind == yaml.AliasNode {
		return nil // checked where its anchor is
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if n.Kind == yaml.ScalarNode && n.Tag == "!!null" {
		return nil
	}
	wrong := func(what string) error {
		subject := cmp.Or(strings.Join(path, "."), "the file")
		return fmt.Errorf("%d:%d: %s: %s is not %s", n.Line, n.Column, subject, written(n), what)
	}
	switch t.Kind() {
	case reflect.Slice:
		if n.Kind != yaml.SequenceNode {
			return wrong("a list such as [a, b]")
		}
		for _, item := range n.Content {
			if err := c.read(item, t.Elem(), path); err != nil {
				return err
			}
		}
	case reflect.Map, reflect.Struct:
		if n.Kind != yaml.MappingNode {
			return wrong("a mapping of keys to values")
		}
		return c.keys(n, t, path)
	default:
		value := reflect.New(t)
		if err := n.Decode(value.Interface()); err != nil {
			return wrong(formOf(t))
		}
	}
	return nil
}

// keys reads a mapping that becomes a map or a struct.
func (c *Config) keys(n *yaml.Node, t reflect.Type, path []string) error {
	fields := map[string]reflect.Type{}
	if t.Kind() == reflect.Struct {
		for i := range t.NumField() {
			if f := t.Field(i); f.IsExported() {
				fields[f.Tag.Get("yaml")] = f.Type
			}
		}
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		at := append(slices.Clone(path), key.Value)
		c.at[strings.Join(at, "\x00")] = diag.Position{File: c.file, Line: key.Line, Col: key.Column, EndCol: key.Column + len(key.Value)}
		field, ok := fields[key.Value]
		switch {
		case t.Kind() == reflect.Map:
			field = t.Elem()
		case !ok:
			known := slices.Sorted(maps.Keys(fields))
			mend := "; there are " + strings.Join(known, ", ")
			if near := diag.Nearest(key.Value, known); near != "" {
				mend = "; did you mean " + near + "?"
			}
			return fmt.Errorf("%d:%d: there is no key %s%s", key.Line, key.Column, key.Value, mend)
		}
		if err := c.read(n.Content[i+1], field, at); err != nil {
			return err
		}
	}
	return nil
}

// formOf returns what a value of a type is, for people.
func formOf(t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[model.Duration]():
		return "a duration such as 30s, 5m or 15d"
	case t.Kind() == reflect.Bool:
		return "true or false"
	case t.Kind() == reflect.Int:
		return "a whole number"
	case t.Kind() == reflect.Float64:
		return "a number"
	}
	return "text"
}

// written returns what stands in the file: a value, or what else it is.
func written(n *yaml.Node) string {
	switch n.Kind {
	case yaml.SequenceNode:
		return "a list"
	case yaml.MappingNode:
		return "a mapping"
	}
	return strconv.Quote(n.Value)
}

var profileName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]*$`)

// check returns what is wrong with a profile's values, and the key.
func (p ProfileConfig) check() (key string, err error) {
	for _, d := range []struct {
		name  string
		value *model.Duration
	}{{"scrapeInterval", p.ScrapeInterval}, {"evaluationInterval", p.EvaluationInterval}, {"retention", p.Retention}} {
		if d.value != nil && *d.value <= 0 {
			return d.name, fmt.Errorf("%s is %s; use a positive duration", d.name, d.value)
		}
	}
	if p.Replicas != nil && *p.Replicas < 1 {
		return "replicas", fmt.Errorf("replicas is %d; use 1 or more", *p.Replicas)
	}
	return "", nil
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
		if _, ok := left[out[i].Name]; ok {
			out[i] = c.apply(out[i].Name, out[i])
			delete(left, out[i].Name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(left)) {
		added := c.apply(name, out[0])
		added.Name = name
		out = append(out, added)
	}
	for _, e := range out {
		at := ""
		if _, ok := c.Profiles[e.Name]; ok {
			at = c.At("profiles", e.Name).String() + ": "
		}
		if !profileName.MatchString(e.Name) {
			return nil, fmt.Errorf("%sprofile %q: its name is part of a path; use lower-case letters, digits and -", at, e.Name)
		}
		for _, a := range []struct{ name, url string }{{"prometheusURL", e.PrometheusURL}, {"runbookURL", e.RunbookURL}, {"grafanaURL", e.GrafanaURL}} {
			if u, err := url.Parse(a.url); err == nil {
				if _, ok := u.User.Password(); ok {
					return nil, fmt.Errorf("profile %s: %s has a password, which every file that links there would publish; leave it out", e.Name, a.name)
				}
			}
		}
		if err := e.checkDeployment(); err != nil {
			return nil, fmt.Errorf("%sprofile %s: %w", at, e.Name, err)
		}
		if e.ScrapeInterval <= 0 || e.EvaluationInterval <= 0 {
			return nil, fmt.Errorf("%sprofile %s: the scrape and evaluation intervals must be positive", at, e.Name)
		}
	}
	return out, nil
}

// apply returns a profile with what the file says of one of a name.
func (c Config) apply(name string, to Profile) Profile {
	p := c.Profiles[name]
	to.ThresholdsAt = maps.Clone(to.ThresholdsAt)
	for alert := range p.Thresholds {
		if to.ThresholdsAt == nil {
			to.ThresholdsAt = map[string]diag.Position{}
		}
		to.ThresholdsAt[alert] = c.At("profiles", name, "thresholds", alert)
	}
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
