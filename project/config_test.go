package project_test

import (
	"strings"
	"testing"
	"time"

	"github.com/obsgen/obsgen/project"
)

func TestConfigFaults(t *testing.T) {
	for text, want := range map[string]string{
		"profils: {}":                                   "obsgen.yaml:1:1: there is no key profils; did you mean profiles?",
		"profiles:\n  a:\n    jop: x":                   "obsgen.yaml:3:5: there is no key jop; did you mean job?",
		"profiles:\n  a:\n    scrapeInterval: soon":     "not a valid duration",
		"profiles:\n  a:\n    scrapeInterval: 0s":       "profile a: scrapeInterval is 0s; use a positive duration",
		"profiles:\n  a:\n    replicas: 0":              "profile a: replicas is 0; use 1 or more",
		"profiles:\n  a:\n    thresholds: {A: many}":    "cannot unmarshal",
		"profiles:\n  a: {}\n  a: {}":                   "already defined",
		"profiles: [":                                   "did not find expected node content",
		"profiles:\n  a:\n    labels: {zone: {a: b}}\n": "cannot unmarshal",
		"out: [a]": "cannot unmarshal",
		"profiles:\n  a:\n    targets: cafe:9090\n":      "cannot unmarshal",
		"profiles:\n  a:\n    evaluationInterval: -1m\n": "not a valid duration",
	} {
		_, err := project.ParseConfig("obsgen.yaml", []byte(text))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "obsgen.yaml:") {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestEnvironments(t *testing.T) {
	base := project.Usual("app")
	base.Labels = map[string]string{"team": "core"}
	other := base
	other.Name = "production"
	p := project.New("app", project.Spec{Profiles: []project.Profile{base, other}})
	c, err := project.ParseConfig("obsgen.yaml", []byte("profiles:\n  production:\n    scrapeInterval: 1m\n    labels: {zone: b}\n  zoo:\n    job: zoo\n  area: {}\n"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := p.Environments(c)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range got {
		names = append(names, e.Name)
	}
	if strings.Join(names, " ") != "default production area zoo" {
		t.Errorf("profiles %v", names)
	}
	if got[1].ScrapeInterval != time.Minute || got[1].Labels["zone"] != "b" || got[1].Labels["team"] != "core" || got[0].Labels["zone"] != "" {
		t.Errorf("production is %+v", got[1])
	}
	if got[3].Job != "zoo" || got[3].ScrapeInterval != base.ScrapeInterval {
		t.Errorf("what zoo leaves out is not as in the first: %+v", got[3])
	}
	c.Profiles["No Path"] = project.ProfileConfig{}
	if _, err := p.Environments(c); err == nil || !strings.Contains(err.Error(), "part of a path") {
		t.Errorf("a name that is no folder: %v", err)
	}
}

func FuzzParseConfig(f *testing.F) {
	for _, s := range []string{"", "out: x", "profiles:\n  a:\n    scrapeInterval: 1m\n    thresholds: {A: .inf}\n", "{", "&a [*a]", "profiles: null"} {
		f.Add([]byte(s))
	}
	p := project.New("app", project.Spec{})
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := project.ParseConfig("obsgen.yaml", data)
		if err != nil {
			return
		}
		profiles, err := p.Environments(c)
		if err == nil && len(profiles) == 0 {
			t.Error("no environment at all")
		}
		for _, e := range profiles {
			if e.ScrapeInterval <= 0 || e.EvaluationInterval <= 0 {
				t.Errorf("%+v", e)
			}
		}
	})
}
