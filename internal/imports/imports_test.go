// Package imports holds tests of the source as a whole: which package may import which, what the
// programs link, and that a metric's name is written in one place.
package imports

import (
	"strings"
	"sync"
	"testing"
)

// row is a line of the import table.
type row struct {
	pkg  string // a package with all below it, such as catalog; or each package below a folder, such as render/*
	may  string // what it may import: rows above this one, and what those may import in turn
	only bool   // nothing in turn
	std  bool   // beside its own module it imports the standard library only
}

// table is the import table of the design. A package imports upward in it only.
var table = []row{
	{pkg: "internal/file", std: true},
	{pkg: "internal/client", std: true},
	{pkg: "diag", may: "internal/file", std: true},
	{pkg: "unit", std: true},
	{pkg: "catalog", may: "diag unit", std: true},
	{pkg: "instrument", may: "catalog"},
	{pkg: "query", may: "catalog"},
	{pkg: "infer", may: "catalog"},
	{pkg: "dashboards", may: "query"},
	{pkg: "rules", may: "query dashboards"},
	{pkg: "scenario", may: "rules"},
	{pkg: "project", may: "instrument infer rules scenario"},
	{pkg: "plan", may: "project infer scenario"},
	{pkg: "source", may: "plan"},
	{pkg: "diff", may: "source"},
	{pkg: "deploy", may: "diff internal/client"},
	{pkg: "proofs", may: "internal/file query"},
	{pkg: "picture", may: "internal/file"},
	{pkg: "internal/engine", may: "query"}, // also of tests above
	{pkg: "gate", may: "plan internal/client internal/engine"},
	{pkg: "validate", may: "source plan infer"},
	{pkg: "render/tree"},
	{pkg: "render/grafana", may: "plan render/tree"},
	{pkg: "render/prometheus", may: "plan render/tree"},
	{pkg: "render/alertmanager", may: "plan render/tree"},
	// What these write, others wrap, for one consumer each.
	{pkg: "render/kubernetes", may: "plan render/tree render/grafana render/prometheus render/alertmanager"},
	{pkg: "render/*", may: "plan render/tree render/grafana render/prometheus render/alertmanager render/kubernetes"},
	{pkg: "simulate", may: "plan scenario proofs internal/client internal/engine render/prometheus"},
	{pkg: "preview", may: "source validate simulate render/*"},
	{pkg: "analytics", may: "catalog query"},
	{pkg: "cli", may: "source diff deploy gate validate proofs picture render/* analytics"}, // light: neither simulate nor preview
	{pkg: "cli/sim", may: "cli preview"},
	{pkg: "mockforge", may: "source validate render/* analytics"},
	{pkg: "examples/*", may: "cli"},
	{pkg: "cmd/obsgen", may: "cli mockforge", only: true},
	{pkg: "cmd/obsgen-sim", may: "cli/sim", only: true},

	// Test kits: what tests import is not looked at, so no row above names them.
	{pkg: "internal/golden"},
	{pkg: "internal/dashcheck", may: "query"},
	{pkg: "internal/synthetic", may: "project"},
	{pkg: "internal/want", may: "diag"},
	{pkg: "internal/imports"},
	{pkg: "internal/toolchain"},
	{pkg: "internal/testkit/optional", may: "internal/toolchain"},
	{pkg: "internal/ci"},
}

// light says what a program or library must never link, be it through others. Prometheus's config is
// what pulls in the SDKs of three clouds, and with them 17 seconds of linking after every edit.
var light = []struct{ pkg, never string }{
	{"cmd/obsgen", "github.com/prometheus/prometheus/config"},
	{"catalog", "github.com/prometheus/prometheus"},
	{"instrument", "github.com/prometheus/prometheus/promql"},
	{"mockforge/instrument", "github.com/prometheus/prometheus"},
}

// thisModule is read once for all tests.
var thisModule = sync.OnceValues(func() (*module, error) { return load("../..") })

func TestImportsPointUpward(t *testing.T) {
	m := mustLoad(t)
	for _, problem := range m.directions(table) {
		t.Error(problem)
	}
}

func TestLinksStayLight(t *testing.T) {
	m := mustLoad(t)
	for _, l := range light {
		for _, problem := range m.links(l.pkg, l.never) {
			t.Error(problem)
		}
	}
}

func mustLoad(t *testing.T) *module {
	t.Helper()
	m, err := thisModule()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestTableOnlyNamesRowsAbove(t *testing.T) {
	above := map[string]bool{}
	for _, r := range table {
		for name := range strings.FieldsSeq(r.may) {
			if !above[name] {
				t.Errorf("the row of %s names %s, which is no row above it", r.pkg, name)
			}
			if name == "mockforge" && !strings.HasPrefix(r.pkg, "cmd/") {
				t.Errorf("the row of %s allows mockforge, which only a program and tests import", r.pkg)
			}
		}
		if above[r.pkg] {
			t.Errorf("%s has two rows", r.pkg)
		}
		above[r.pkg] = true
	}
}
