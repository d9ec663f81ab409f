package synthetic

import (
	"testing"

	"github.com/obsgen/obsgen/cli"
	"github.com/obsgen/obsgen/plan"
	"github.com/obsgen/obsgen/project"
	"github.com/obsgen/obsgen/render/tree"
)

// TestLargeIsWholeAndWithoutFault counts what the benchmarks below work on.
func TestLargeIsWholeAndWithoutFault(t *testing.T) {
	p := plan.New(Project(Large), project.Usual("app"))
	for i, f := range p.Findings {
		if i < 5 {
			t.Error(f)
		}
	}
	panels, rules := 0, 0
	for _, b := range p.Boards {
		panels += len(b.Panels())
	}
	for _, g := range p.Groups {
		rules += len(g.Rules)
	}
	if m := len(p.Catalog.Own()); m != 1000 || len(p.Boards) != 200 || panels != 4000 || rules != 5000 {
		t.Errorf("%d metrics, %d dashboards, %d panels, %d rules", m, len(p.Boards), panels, rules)
	}
}

// BenchmarkBuild is all that obsgen build does, from the declarations to the files on the disk.
func BenchmarkBuild(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		files, err := cli.Render([]*plan.Plan{plan.New(Project(Large), project.Usual("app"))})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := tree.Write(b.TempDir(), files, tree.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDeclare(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Project(Large)
	}
}

func BenchmarkPlan(b *testing.B) {
	p := Project(Large)
	b.ReportAllocs()
	for b.Loop() {
		plan.New(p, project.Usual("app"))
	}
}

func BenchmarkRender(b *testing.B) {
	p := plan.New(Project(Large), project.Usual("app"))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := cli.Render([]*plan.Plan{p}); err != nil {
			b.Fatal(err)
		}
	}
}
