package tree

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Whoever writes last, the tree is one that someone wrote.
func TestWritersTakeTurns(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	var trees []layout
	for i := range 8 {
		l := layout{}
		for k := range 20 + i {
			l[fmt.Sprintf("d%d/f%02d", (k+i)%5, k)] = fmt.Sprintf("%d of %d", k, i)
		}
		trees = append(trees, l)
	}
	var all sync.WaitGroup
	for _, l := range trees {
		all.Go(func() {
			for range 5 {
				if _, err := Write(dir, l.files(), Options{}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	got := read(t, dir)
	for _, l := range trees {
		if cmp.Equal(l, got) {
			r, err := Check(dir, "", l.files())
			if err != nil || len(r.Stale) > 0 {
				t.Errorf("Check: %v, error %v", r.Stale, err)
			}
			return
		}
	}
	t.Errorf("the tree is none of those written; from the first it differs by\n%s", cmp.Diff(trees[0], got))
}

func TestWriterThatHangs(t *testing.T) {
	defer func(was time.Duration) { lockPatience = was }(lockPatience)
	lockPatience = 50 * time.Millisecond

	dir := t.TempDir()
	d, err := openDisk(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.close()
	unlock, err := d.lock()
	if err != nil {
		t.Fatal(err)
	}
	_, err = Write(dir, layout{"a": "1"}.files(), Options{})
	if err == nil || !strings.Contains(err.Error(), "is being written by another process") {
		t.Errorf("while another holds the lock: error %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "a")); err == nil {
		t.Error("written in spite of the lock")
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
	mustWrite(t, dir, layout{"a": "1"}.files())
	diff(t, "tree", layout{"a": "1"}, read(t, dir))
}
