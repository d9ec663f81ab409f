package query_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/obsgen/obsgen/internal/engine"
	"github.com/obsgen/obsgen/query"
)

// TestImplies makes conditions at random and data at random: where one is said to imply the other, the engine never gives a
// series of the first alone.
func TestImplies(t *testing.T) {
	rnd := rand.New(rand.NewPCG(6, 1))
	pick := func(of ...string) string { return of[rnd.IntN(len(of))] }
	var condition func(depth int) string
	condition = func(depth int) string {
		if depth == 0 || rnd.IntN(3) == 0 {
			return fmt.Sprintf("%s %s %d", pick("a", "b", "(a)", "sum by (x) (a)"), pick(">", ">=", "<", "<=", "==", "!="), rnd.IntN(5)-1)
		}
		return fmt.Sprintf("(%s) %s (%s)", condition(depth-1), pick("and", "or", "unless", "and on (x)", "and ignoring (y)"), condition(depth-1))
	}
	now := time.Unix(1_700_000_000, 0)
	said, proper := 0, 0
	for range 10_000 {
		first, second := condition(2), condition(1+rnd.IntN(2))
		if rnd.IntN(2) == 0 {
			second = strings.NewReplacer("> ", ">= ", "< ", "<= ").Replace(first)
		}
		a, err := query.ParseText(first)
		if err != nil {
			t.Fatal(err)
		}
		b, err := query.ParseText(second)
		if err != nil {
			t.Fatal(err)
		}
		if !query.Implies(a, b) {
			continue
		}
		said++
		if first != second {
			proper++
		}
		for range 6 {
			var m engine.Memory
			for _, name := range []string{"a", "b"} {
				for _, x := range []string{"1", "2"} {
					for _, y := range []string{"1", "2"} {
						if rnd.IntN(4) > 0 {
							m.Add(labels.FromStrings("__name__", name, "x", x, "y", y), now, float64(rnd.IntN(6)-1))
						}
					}
				}
			}
			has := map[string]bool{}
			for _, r := range results(t, &m, second, now) {
				has[r] = true
			}
			for _, r := range results(t, &m, first, now) {
				if !has[r] {
					t.Fatalf("%s is said to imply %s, and alone it has %s", first, second, r)
				}
			}
		}
	}
	if said < 400 || proper < 200 {
		t.Errorf("only %d of the conditions imply another, %d of them one that is written otherwise", said, proper)
	}
}

// results returns the label sets of an expression's series, without the name, as alerts have none.
func results(t *testing.T, m *engine.Memory, text string, at time.Time) []string {
	t.Helper()
	rs, err := m.Query(t.Context(), text, at)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]string, len(rs))
	for i, r := range rs {
		out[i] = r.Labels.DropReserved(func(name string) bool { return name == "__name__" }).String()
	}
	return out
}
