package project

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"time"

	"github.com/prometheus/common/model"
	"sigs.k8s.io/yaml"
)

// ConfigFile is the name of the file that adjusts a project without touching its Go code.
const ConfigFile = "obsgen.yaml"

// Config is the content of obsgen.yaml.
type Config struct {
	// Out is the folder that build writes; empty: out.
	Out string `json:"out,omitempty"`
	// Profiles change or add environments, by name. What a profile leaves out is as in the project's
	// profile of that name, or in its first one.
	Profiles map[string]ProfileConfig `json:"profiles,omitempty"`
}

// ProfileConfig is an environment in obsgen.yaml. Durations are Prometheus's: 30s, 1m, 15d.
type ProfileConfig struct {
	Job                *string            `json:"job,omitempty"`
	Targets            []string           `json:"targets,omitempty"`
	Alertmanagers      []string           `json:"alertmanagers,omitempty"`
	Cluster            *string            `json:"cluster,omitempty"`
	DataSource         *string            `json:"dataSource,omitempty"`
	PrometheusURL      *string            `json:"prometheusURL,omitempty"`
	ScrapeInterval     *model.Duration    `json:"scrapeInterval,omitempty"`
	EvaluationInterval *model.Duration    `json:"evaluationInterval,omitempty"`
	Retention          *model.Duration    `json:"retention,omitempty"`
	Replicas           *int               `json:"replicas,omitempty"`
	Labels             map[string]string  `json:"labels,omitempty"`
	Thresholds         map[string]float64 `json:"thresholds,omitempty"`
	RunbookURL         *string            `json:"runbookURL,omitempty"`
	GrafanaURL         *string            `json:"grafanaURL,omitempty"`
}

// ReadConfig reads obsgen.yaml; a file that is not there is an empty one. An unknown key is an error, since
// it is a misspelt one.
func ReadConfig(path string) (Config, error) {
	var c Config
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return c, fmt.Errorf("reading the configuration: %w", err)
	}
	return ParseConfig(path, data)
}

// ParseConfig parses the content of obsgen.yaml; path is for messages.
func ParseConfig(path string, data []byte) (Config, error) {
	var c Config
	if err := yaml.UnmarshalStrict(data, &c); err != nil {
		return Config{}, fmt.Errorf("%s: %w", path, err)
	}
	for _, name := range slices.Sorted(maps.Keys(c.Profiles)) {
		if err := c.Profiles[name].check(); err != nil {
			return Config{}, fmt.Errorf("%s: profile %s: %w", path, name, err)
		}
	}
	return c, nil
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
	if p.Targets != nil {
		to.Targets = p.Targets
	}
	if p.Alertmanagers != nil {
		to.Alertmanagers = p.Alertmanagers
	}
	if p.Replicas != nil {
		to.Replicas = *p.Replicas
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
