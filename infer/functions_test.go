package infer

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/prometheus/promql/parser"
)

// TestEveryFunctionIsKnown compares the table with the functions of the pinned Prometheus, so that an update of it
// brings up what is new.
func TestEveryFunctionIsKnown(t *testing.T) {
	if d := cmp.Diff(slices.Sorted(maps.Keys(parser.Functions)), slices.Sorted(maps.Keys(functions))); d != "" {
		t.Errorf("functions (-Prometheus +infer):\n%s", d)
	}
	for name, f := range functions {
		if f.says == "" {
			t.Errorf("%s is not described", name)
		}
	}
}
