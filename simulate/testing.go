package simulate

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/obsgen/obsgen/plan"
	"github.com/obsgen/obsgen/project"
	"github.com/obsgen/obsgen/render/prometheus"
	"github.com/obsgen/obsgen/rules"
	"github.com/obsgen/obsgen/scenario"
)

// Run plays a scenario with a project's rules, as its first profile has them, and fails the test where an alert does not do what
// the scenario says. What it returns can be asked for more.
//
//	played := simulate.Run(t, mockforge.Project, scenarios.ErrorBurst)
//	played.Fires(t, alerts.HighErrorRate, 15*time.Minute, 20*time.Minute)
func Run(t testing.TB, p *project.Project, s *scenario.Scenario) *Play {
	t.Helper()
	profile := project.Usual(p.Name)
	if len(p.Profiles) > 0 {
		profile = p.Profiles[0]
	}
	return RunProfile(t, p, profile, s)
}

// RunProfile is Run with the rules of a profile.
func RunProfile(t testing.TB, p *project.Project, profile project.Profile, s *scenario.Scenario) *Play {
	t.Helper()
	resolved := plan.New(p.Whole(), profile)
	set := rulesOf(t, resolved)
	if !slices.Contains(resolved.Scenarios, s) {
		resolved.Scenarios = append(slices.Clone(resolved.Scenarios), s)
	}
	data := resolved.ScenarioData()
	played, err := set.Play(context.Background(), &data, s.Name)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range played.Failures() {
		t.Errorf("scenario %s: %s", s.Name, f)
	}
	return played
}

// rulesOf returns the rules of a plan.
func rulesOf(t testing.TB, resolved *plan.Plan) *RuleSet {
	t.Helper()
	files, err := prometheus.Render(resolved)
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	dir := t.TempDir()
	for _, f := range files {
		if !strings.Contains(f.Path, "/rules/") {
			continue
		}
		path := filepath.Join(dir, filepath.Base(f.Path))
		if err := os.WriteFile(path, f.Data, 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	set, err := ReadRules(paths, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// Fires fails the test where the alert does not begin to fire between two moments of the scenario.
func (p *Play) Fires(t testing.TB, a *rules.AlertingRule, from, to time.Duration) {
	t.Helper()
	var at []string
	for _, h := range p.Alerts {
		if h.Alert != a.Name {
			continue
		}
		for _, s := range h.Spans {
			if s.From >= from && s.From <= to {
				return
			}
			at = append(at, s.From.String())
		}
	}
	if len(at) == 0 {
		at = []string{"never"}
	}
	t.Errorf("scenario %s: %s must begin to fire between %s and %s, and began at: %s", p.Scenario.Name, a.Name, from, to, strings.Join(at, ", "))
}

// Value returns what an expression gives at a moment of the scenario, which must be one number.
func (p *Play) Value(t testing.TB, expr string, at time.Duration) float64 {
	t.Helper()
	v, err := p.Query(context.Background(), expr, at)
	if err != nil {
		t.Fatal(err)
	}
	if len(v) != 1 {
		t.Fatalf("%s gives %d series at %s, and one is wanted", expr, len(v), at)
	}
	return v[0].F
}
