package imports

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// violations loads the module that breaks every rule.
func violations(t *testing.T) *module {
	t.Helper()
	archive, err := txtar.ParseFile(filepath.Join("testdata", "violations.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := txtar.Write(archive, dir); err != nil {
		t.Fatal(err)
	}
	m, err := load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestDirectionsOfViolations(t *testing.T) {
	got := violations(t).directions(append(slices.Clone(table), row{pkg: "broken"}))
	for i, problem := range got {
		if strings.HasPrefix(problem, "broken ") {
			got[i], _, _ = strings.Cut(problem, ":") // what follows is the parser's choice
		}
	}
	want := []string{
		"broken cannot be read",
		"catalog/external imports github.com/prometheus/prometheus/promql/parser: its row allows the standard library only",
		"cli imports cli/sim: its row allows internal/file, internal/client, diag, unit, catalog, instrument, query, infer, dashboards, rules, scenario, project, plan, source, diff, deploy, proofs, picture, internal/engine, gate, validate, render/tree, render/grafana, render/prometheus, render/alertmanager, render/kubernetes, render/*, analytics",
		"cmd/obsgen imports plan: its row allows cli, mockforge",
		"dashboards imports rules: its row allows internal/file, diag, unit, catalog, query",
		"newcomer has no row in the import table: add one in internal/imports/imports_test.go",
		"render/grafana imports render/prometheus: its row allows internal/file, diag, unit, catalog, instrument, query, infer, dashboards, rules, scenario, project, plan, render/tree",
		"render/tree imports plan: its row allows no package of this module",
		"unit imports mockforge: its row allows no package of this module",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestLinksOfViolations(t *testing.T) {
	m := violations(t)
	for _, c := range []struct {
		pkg, never string
		want       []string
	}{
		{"cmd/obsgen", "github.com/prometheus/prometheus/config", []string{
			"cmd/obsgen links github.com/prometheus/prometheus/config:\n" +
				"\texample.org/m/cmd/obsgen\n" +
				"\timports example.org/m/cli\n" +
				"\timports example.org/m/cli/sim\n" +
				"\timports github.com/prometheus/prometheus/rules\n" +
				"\timports github.com/prometheus/prometheus/config",
		}},
		{"catalog", "github.com/prometheus/prometheus/config", nil},
		{"catalog", "github.com/prometheus/prometheus", []string{
			"catalog links github.com/prometheus/prometheus/promql/parser:\n" +
				"\texample.org/m/catalog\n" +
				"\timports example.org/m/catalog/external\n" +
				"\timports github.com/prometheus/prometheus/promql/parser",
			"catalog/external links github.com/prometheus/prometheus/promql/parser:\n" +
				"\texample.org/m/catalog/external\n" +
				"\timports github.com/prometheus/prometheus/promql/parser",
		}},
		{"cmd/obs", "github.com/prometheus/prometheus/config", []string{
			"there is no package cmd/obs, so nobody knows whether it links github.com/prometheus/prometheus/config",
		}},
	} {
		if d := cmp.Diff(c.want, m.links(c.pkg, c.never)); d != "" {
			t.Errorf("%s and %s (-want +got):\n%s", c.pkg, c.never, d)
		}
	}
}

func TestLoadNeedsAModule(t *testing.T) {
	dir := t.TempDir()
	if _, err := load(dir); err == nil {
		t.Error("no error for a folder without go.mod")
	}
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example.org/empty\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := load(dir); err == nil {
		t.Error("no error for a module without packages")
	}
}
