package simulate_test

import (
	"testing"

	"github.com/obsgen/obsgen/mockforge"
	"github.com/obsgen/obsgen/plan"
	"github.com/obsgen/obsgen/simulate"
)

// BenchmarkProveOnUsual proves the flagship's alerts, and that they are quiet in the usual state of things.
func BenchmarkProveOnUsual(b *testing.B) {
	data := plan.New(mockforge.Project.Whole(), mockforge.Project.Profiles[0]).ScenarioData()
	for b.Loop() {
		set := read(b, flagship)
		usual, err := simulate.NewUsual(&data, nil)
		if err != nil {
			b.Fatal(err)
		}
		set.Usual = usual
		list, err := set.Prove(b.Context(), nil, nil)
		if err != nil {
			b.Fatal(err)
		}
		for _, p := range list {
			if !p.Good() {
				b.Fatal(p.Alert)
			}
		}
	}
}
