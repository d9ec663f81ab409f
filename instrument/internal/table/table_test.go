package table

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// TestSameHash has entries whose hashes are the same, which only the comparison tells apart.
func TestSameHash(t *testing.T) {
	var numbers Table[int]
	is := func(want int) func(*int) bool { return func(n *int) bool { return *n == want } }
	for i := range 100 {
		if numbers.Find(7, is(i)) != nil {
			t.Errorf("%d is there before it was added", i)
		}
		numbers.Add(7, i)
		for j := range i + 1 {
			if n := numbers.Find(7, is(j)); n == nil || *n != j {
				t.Fatalf("%d is not found among %d", j, i+1)
			}
		}
	}
	sum := 0
	for n := range numbers.All() {
		sum += *n
	}
	if numbers.Len() != 100 || sum != 4950 {
		t.Errorf("%d entries with the sum %d", numbers.Len(), sum)
	}
}

// TestSetAtOnce takes more texts than there may be from many goroutines: as many as may be are kept, and each of them stays.
func TestSetAtOnce(t *testing.T) {
	var s Set
	var all sync.WaitGroup
	for g := range 8 {
		all.Go(func() {
			for i := range 1000 {
				text := fmt.Sprint((i*7 + g) % 1000)
				if kept, ok := s.Take(text, 50); ok && kept != text {
					t.Errorf("%q is kept as %q", text, kept)
				} else if again, still := s.Find(text); ok && (!still || again != text) {
					t.Errorf("%q does not stay", text)
				}
			}
		})
	}
	all.Wait()
	n := 0
	for i := range 1000 {
		if _, ok := s.Find(fmt.Sprint(i)); ok {
			n++
		}
	}
	if n != 50 || !s.Full(50) || s.Full(51) {
		t.Errorf("%d texts, want 50", n)
	}
}

func TestHash(t *testing.T) {
	if Hash([]string{"a", "b"}) == Hash([]string{"b", "a"}) || Hash([]string{"ab", ""}) == Hash([]string{"a", "b"}) {
		t.Error("the order of texts, or where they end, does not count")
	}
	if text := strings.Repeat("ab", 1); Hash([]string{text}) != Hash([]string{"ab"}) {
		t.Error("the same texts have two hashes")
	}
}
