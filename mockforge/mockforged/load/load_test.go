package load

import "testing"

// TestShape looks at the day: quiet at night, busy before noon and after, and never beyond what it is a share of.
func TestShape(t *testing.T) {
	for h := 0.0; h < 24; h += 0.25 {
		if s := Shape(h); s <= 0 || s > 1 {
			t.Errorf("at %v: %v", h, s)
		}
	}
	if night, morning, afternoon := Shape(4), Shape(10.5), Shape(15); night*4 > morning || night*4 > afternoon {
		t.Errorf("at 4 %v, at 10:30 %v, at 15 %v", night, morning, afternoon)
	}
	if before, after := Shape(23.999), Shape(0); before-after > 0.01 || after-before > 0.01 {
		t.Errorf("a jump at midnight: from %v to %v", before, after)
	}
}
