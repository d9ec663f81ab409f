// Package table has a hash table and a bounded set that many goroutines read without a lock while others add.
package table

import (
	"hash/maphash"
	"iter"
	"strings"
	"sync"
	"sync/atomic"
)

var seed = maphash.MakeSeed()

// Table finds entries by their hashes. The zero Table is empty. Nothing is ever removed. Finding takes no lock and allocates
// nothing; adding one entry to n costs the same whatever n is, but for the doublings, which cost that much again over all.
type Table[E any] struct {
	slots atomic.Pointer[[]atomic.Pointer[node[E]]] // a power of two of them, at least half of them free
	n     atomic.Int64
}

type node[E any] struct {
	entry E
	hash  uint64
}

// Find returns the entry with a hash that is the one, nil where there is none.
func (t *Table[E]) Find(hash uint64, is func(*E) bool) *E {
	slots := t.slots.Load()
	if slots == nil {
		return nil
	}
	for i := hash; ; i++ {
		n := (*slots)[i&uint64(len(*slots)-1)].Load()
		if n == nil {
			return nil
		}
		if n.hash == hash && is(&n.entry) {
			return &n.entry
		}
	}
}

// Add adds an entry that is not there. Only one goroutine may add at a time.
func (t *Table[E]) Add(hash uint64, e E) *E {
	added := &node[E]{e, hash}
	slots, n := t.slots.Load(), t.Len()
	if slots == nil || 2*(n+1) > len(*slots) {
		grown := make([]atomic.Pointer[node[E]], max(4, 4*n))
		if slots != nil {
			for i := range *slots {
				if old := (*slots)[i].Load(); old != nil {
					put(grown, old)
				}
			}
		}
		put(grown, added)
		t.slots.Store(&grown) // readers of the old slots miss what is added from now on, and look again before they add
	} else {
		put(*slots, added)
	}
	t.n.Store(int64(n + 1))
	return &added.entry
}

func put[E any](slots []atomic.Pointer[node[E]], n *node[E]) {
	for i := n.hash; ; i++ {
		if s := &slots[i&uint64(len(slots)-1)]; s.Load() == nil {
			s.Store(n)
			return
		}
	}
}

// Len returns the number of entries.
func (t *Table[E]) Len() int { return int(t.n.Load()) }

// All yields the entries that are there now, in no order.
func (t *Table[E]) All() iter.Seq[*E] {
	return func(yield func(*E) bool) {
		slots := t.slots.Load()
		if slots == nil {
			return
		}
		for i := range *slots {
			if n := (*slots)[i].Load(); n != nil && !yield(&n.entry) {
				return
			}
		}
	}
}

// Hash returns the hash of texts, which is another in each run of the program.
func Hash(texts []string) (h uint64) {
	for _, t := range texts {
		h = h*0x9E3779B97F4A7C15 ^ maphash.String(seed, t) // 2^64 over the golden ratio, so that the order counts
	}
	return h
}

// Set is the first different texts that came, up to a bound. The zero Set is empty. Its methods may be called from several
// goroutines.
type Set struct {
	table Table[string]
	mu    sync.Mutex // held to add
}

// Find returns the set's own copy of a text, and whether it has one.
func (s *Set) Find(text string) (kept string, ok bool) {
	if e := s.table.Find(maphash.String(seed, text), func(e *string) bool { return *e == text }); e != nil {
		return *e, true
	}
	return "", false
}

// Full reports whether the set has as many texts as it may.
func (s *Set) Full(most int) bool { return s.table.Len() >= most }

// Take adds a text where the set has fewer than most. It returns the set's own copy, which keeps no larger text in memory,
// and whether the set has the text now.
func (s *Set) Take(text string, most int) (kept string, ok bool) {
	if kept, ok = s.Find(text); ok || s.Full(most) {
		return kept, ok
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if kept, ok = s.Find(text); ok || s.Full(most) {
		return kept, ok
	}
	return *s.table.Add(maphash.String(seed, text), strings.Clone(text)), true
}
