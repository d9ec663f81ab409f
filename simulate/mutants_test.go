package simulate_test

import (
	"strings"
	"testing"

	"github.com/obsgen/obsgen/internal/testkit/optional"
	"github.com/obsgen/obsgen/simulate"
)

// TestMutants breaks the flagship's alerts and the recording rules that they read, one thing at a time: nearly all is noticed by
// the proofs' tests, or in a scenario in which no alert may fire.
func TestMutants(t *testing.T) {
	optional.Slow(t)
	t.Parallel()
	data := flagshipData(t)
	set := read(t, flagship)
	usual, err := simulate.NewUsual(&data, nil)
	if err != nil {
		t.Fatal(err)
	}
	set.Usual = usual
	proofs, err := set.Prove(t.Context(), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	mutants, err := set.Mutants(t.Context(), proofs)
	if err != nil {
		t.Fatal(err)
	}
	// That a label is gone shows where there are two series that differ in it alone, and proofs have as few as can be.
	all, noticed, labels := 0, 0, 0
	kinds := map[string]bool{}
	averages := false
	for _, m := range mutants {
		// Where three days are averaged, only two days of history could show it.
		averages = averages || m.Noticed && strings.HasPrefix(m.What, "avg_over_time") && strings.Contains(m.Rule, "30d")
		if strings.Contains(m.What, "without the label") {
			labels++
			continue
		}
		all++
		kinds[strings.Fields(m.What)[0]] = true
		if m.Noticed {
			noticed++
		} else {
			t.Logf("%s: %s is not noticed: %s", m.Rule, m.What, m.Expr)
		}
	}
	t.Logf("%d of %d are noticed", noticed, all)
	if !averages {
		t.Error("averages over 30 days in the place of sums are not noticed, though the first errors ever come in a scenario")
	}
	if all < 120 || labels < 20 || len(kinds) < 5 || noticed*100 < all*95 {
		t.Errorf("%d of %d changes of kinds %v are noticed, beside %d of labels", noticed, all, kinds, labels)
	}
}
