package unit_test

import (
	"testing"

	"github.com/obsgen/obsgen/unit"
)

func TestNamesLeadBack(t *testing.T) {
	for _, name := range append(unit.Names(), "", "requests", "plugin runs") {
		if got, ok := unit.Named(name).Name(); !ok || got != name {
			t.Errorf("the unit named %q is called %q, %t", name, got, ok)
		}
	}
	if name, ok := unit.PerSecond(unit.Requests).Name(); ok {
		t.Errorf("a rate is called %q", name)
	}
}
