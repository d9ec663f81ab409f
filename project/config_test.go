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
		"profiles:\n  a:\n    scrapeInterval: soon":     `obsgen.yaml:3:21: profiles.a.scrapeInterval: "soon" is not a duration such as 30s, 5m or 15d`,
		"profiles:\n  a:\n    scrapeInterval: 0s":       "obsgen.yaml:3:5: profile a: scrapeInterval is 0s; use a positive duration",
		"profiles:\n  a:\n    replicas: 0":              "profile a: replicas is 0; use 1 or more",
		"profiles:\n  a:\n    thresholds: {A: many}":    `obsgen.yaml:3:21: profiles.a.thresholds.A: "many" is not a number`,
		"profiles:\n  a: {}\n  a: {}":                   "already defined",
		"profiles: [":                                   "did not find expected node content",
		"profiles:\n  a:\n    labels: {zone: {a: b}}\n": "obsgen.yaml:3:20: profiles.a.labels.zone: a mapping is not text",
		"out: [a]":                   "obsgen.yaml:1:6: out: a list is not text",
		"lint:\n  off: [hist/no-le]": "obsgen.yaml:2:8: lint.off: a list is not a mapping of keys to values",
		"a list":                     `obsgen.yaml:1:1: the file: "a list" is not a mapping of keys to values`,
		"x: &a {out: b}":             "obsgen.yaml:1:1: there is no key x",
		"profiles:\n  a:\n    targets: cafe:9090\n":      `obsgen.yaml:3:14: profiles.a.targets: "cafe:9090" is not a list such as [a, b]`,
		"profiles:\n  a:\n    evaluationInterval: -1m\n": "obsgen.yaml:3:25: profiles.a.evaluationInterval: \"-1m\" is not a duration",
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
