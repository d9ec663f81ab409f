package mockforge_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/obsgen/obsgen/cli"
	"github.com/obsgen/obsgen/internal/dashcheck"
	"github.com/obsgen/obsgen/internal/toolchain"
	"github.com/obsgen/obsgen/mockforge"
	"github.com/obsgen/obsgen/plan"
	"github.com/obsgen/obsgen/project"
	"github.com/obsgen/obsgen/render/tree"
)

const out = "../out"

func plans(t testing.TB) []*plan.Plan {
	t.Helper()
	profiles, err := mockforge.Project.Environments(project.Config{})
	if err != nil {
		t.Fatal(err)
	}
	var ps []*plan.Plan
	for _, p := range profiles {
		ps = append(ps, plan.New(mockforge.Project, p))
	}
	return ps
}

func rendered(t testing.TB) []tree.File {
	t.Helper()
	ps := plans(t)
	unseen, err := cli.Illustrate("..", ps)
	if err != nil {
		t.Fatal(err)
	}
	if len(unseen) > 0 {
		t.Errorf("there are no pictures of the present form of %v; run go run ./cmd/obsgen snapshot --save", unseen)
	}
	files, err := cli.Render(ps)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestNoFindings(t *testing.T) {
	for _, p := range plans(t) {
		for _, f := range p.Findings {
			t.Errorf("profile %s: %s\n\t%s\n\tmend: %s", p.Profile.Name, f, f.Why, f.Mend)
		}
	}
}

// TestOut compares the committed tree with what build writes.
func TestOut(t *testing.T) {
	files := rendered(t)
	tests, unproved, err := cli.Tests("..", plans(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(unproved) > 0 {
		t.Errorf("not proved in their present form: %v; run go run ./cmd/obsgen prove --save", unproved)
	}
	files = append(files, tests...)
	if os.Getenv("OBSGEN_UPDATE") != "" && os.Getenv("CI") == "" {
		if _, err := tree.Write(out, files, tree.Options{Project: mockforge.Project.Name}); err != nil {
			t.Fatal(err)
		}
	}
	report, err := tree.Check(out, mockforge.Project.Name, files)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range report.Stale {
		t.Errorf("out/%s: %s", s.Path, s.Why)
	}
	if t.Failed() {
		t.Log("run go run ./cmd/obsgen build, and read the diff")
	}
}

func TestTwoBuildsAreEqual(t *testing.T) {
	first, second := rendered(t), rendered(t)
	if len(first) != len(second) {
		t.Fatalf("%d files, then %d", len(first), len(second))
	}
	for i := range first {
		if first[i].Path != second[i].Path || string(first[i].Data) != string(second[i].Data) {
			t.Errorf("%s differs from one build to the next", first[i].Path)
		}
	}
}

// TestPromtool lets the real promtool read every file below prometheus/, of every profile.
func TestPromtool(t *testing.T) {
	promtool := toolchain.Promtool(t)
	dir := t.TempDir()
	if _, err := tree.Write(dir, rendered(t), tree.Options{}); err != nil {
		t.Fatal(err)
	}
	configs, err := filepath.Glob(filepath.Join(dir, "prometheus"))
	if err != nil {
		t.Fatal(err)
	}
	more, err := filepath.Glob(filepath.Join(dir, "profiles", "*", "prometheus"))
	if err != nil {
		t.Fatal(err)
	}
	configs = append(configs, more...)
	if len(configs) != len(plans(t)) {
		t.Fatalf("%d profiles, %d folders of Prometheus", len(plans(t)), len(configs))
	}
	for _, at := range configs {
		run := func(args ...string) {
			cmd := exec.Command(promtool, args...)
			cmd.Dir = at
			if msg, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, msg)
			}
		}
		run("check", "config", "--lint=all", "--lint-fatal", "prometheus.yml")
		rules, err := filepath.Glob(filepath.Join(at, "rules", "*.yaml"))
		if err != nil || len(rules) == 0 {
			t.Fatalf("rules in %s: %v, %v", at, rules, err)
		}
		run(append([]string{"check", "rules", "--lint=all", "--lint-fatal"}, rules...)...)
	}
}

// TestDashboards looks at the structure of every dashboard, which the SDK does not.
func TestDashboards(t *testing.T) {
	boards := map[string]map[string][]byte{} // by profile
	for _, f := range rendered(t) {
		if strings.HasSuffix(f.Path, ".json") && strings.Contains(f.Path, "grafana/dashboards/") {
			root, _, _ := strings.Cut(f.Path, "grafana/")
			if boards[root] == nil {
				boards[root] = map[string][]byte{}
			}
			boards[root][f.Path] = f.Data
		}
	}
	if want := len(mockforge.Project.Whole().Boards); len(boards[""]) != want {
		t.Fatalf("%d dashboards of %d", len(boards[""]), want)
	}
	for _, files := range boards {
		for _, fault := range dashcheck.Check(files) {
			t.Error(fault)
		}
	}
}

// TestRecordsAreRead looks for readers: a recording that nothing reads is work for nothing.
func TestRecordsAreRead(t *testing.T) {
	records := 0
	for _, g := range plans(t)[0].Groups {
		for _, r := range g.Rules {
			if r.Alert != nil {
				continue
			}
			records++
			if len(r.Readers) == 0 {
				t.Errorf("nothing reads %s", r.Record)
			}
		}
	}
	if records == 0 {
		t.Error("no recording rule")
	}
}

func BenchmarkPlan(b *testing.B) {
	profiles, err := mockforge.Project.Environments(project.Config{})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		plan.New(mockforge.Project, profiles[0])
	}
}

func BenchmarkRender(b *testing.B) {
	ps := plans(b)
	for b.Loop() {
		if _, err := cli.Render(ps); err != nil {
			b.Fatal(err)
		}
	}
}
