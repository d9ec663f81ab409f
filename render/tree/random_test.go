package tree

import (
	"crypto/sha256"
	"errors"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// randomPaths collide as files and folders in every way.
var randomPaths = []string{"a", "a/b", "a/b/c", "a/b/d", "a/e", "f", "f/g", "f/g/h", "i/j", "i/k", "l"}

func randomTree(r *rand.Rand) layout {
	l := layout{}
	for _, i := range r.Perm(len(randomPaths))[:r.IntN(len(randomPaths))] {
		p := randomPaths[i]
		if !slices.ContainsFunc(slices.Collect(maps.Keys(l)), func(q string) bool {
			return strings.HasPrefix(p, q+"/") || strings.HasPrefix(q, p+"/")
		}) {
			l[p] = string(rune('0' + r.IntN(3)))
		}
	}
	return l
}

// Whatever two trees follow each other, and whatever a person did in between: either Write refuses and changes nothing,
// or the tree is as it shall be and the person has lost nothing, or with Force only what was announced.
func TestRandomTrees(t *testing.T) {
	refused := 0
	for seed := range uint64(250) {
		r := rand.New(rand.NewPCG(seed, 7))
		dir := t.TempDir()
		first, second := randomTree(r), randomTree(r)
		mustWrite(t, dir, first.files())
		theirs := layout{}
		for range r.IntN(4) {
			p := randomPaths[r.IntN(len(randomPaths))]
			name := filepath.Join(dir, p)
			if r.IntN(3) == 0 {
				_ = os.RemoveAll(name)
				maps.DeleteFunc(theirs, func(q, _ string) bool { return p == q || strings.HasPrefix(q, p+"/") })
			} else if errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, []byte("theirs"), 0o644)) == nil {
				theirs[p] = "theirs"
			}
		}
		before := readAll(t, dir)
		checked, err := Check(dir, "", second.files())
		if err != nil {
			t.Fatal(err)
		}

		want := maps.Clone(second)
		maps.Copy(want, theirs)
		_, err = Write(dir, second.files(), Options{})
		if refusal, ok := errors.AsType[*Refusal](err); ok {
			refused++
			diff(t, "tree after the refusal", before, readAll(t, dir))
			given := append(refusal.ForceReplaces(), refusal.ForceRemoves()...)
			_, err = Write(dir, second.files(), Options{Force: true})
			if len(given) < len(refusal.Conflicts) {
				if err == nil {
					t.Errorf("seed %d: Force overrode %v", seed, refusal.Conflicts)
				}
				diff(t, "tree after the second refusal", before, readAll(t, dir))
				continue
			}
			for _, p := range given {
				delete(want, p)
			}
			maps.Copy(want, second)
		}
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		got := read(t, dir)
		maps.DeleteFunc(got, func(p, _ string) bool { return strings.HasSuffix(p, "/") }) // a person's, or never obsgen's
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("seed %d: from %v to %v with %v (-want +got):\n%s", seed, first, second, theirs, d)
		}
		if changed := !cmp.Equal(before, readAll(t, dir)); changed != (len(checked.Stale) > 0) {
			t.Fatalf("seed %d: Check said %v, and Write changed something: %v", seed, checked.Stale, changed)
		}
	}
	if refused < 30 || refused > 220 {
		t.Errorf("%d of 250 refused: the test no longer says much", refused)
	}
}

// A write that fails halfway leaves the old tree, and the next one succeeds.
func TestFailedWrite(t *testing.T) {
	dir := t.TempDir()
	old, shall := layout{"a": "1", "b/c": "1", "gone": "1"}, layout{"a": "2", "b/c": "2", "new/d": "2"}
	mustWrite(t, dir, old.files())
	before := readAll(t, dir)
	obstacle := filepath.Join(dir, tempName(entry{"b/c", sha256.Sum256([]byte(shall["b/c"]))}))
	_, err := write(dir, shall.files(), Options{}, func(op, p string) {
		if op == "write" && p == "a" {
			if err := os.Mkdir(obstacle, 0o755); err != nil {
				t.Error(err)
			}
		}
	})
	if err == nil || !strings.HasPrefix(err.Error(), "writing "+dir+": ") {
		t.Errorf("got error %v", err)
	}
	got := readAll(t, dir)
	for p, content := range before {
		diff(t, p, content, got[p])
	}
	_ = os.Remove(obstacle)
	r, err := Check(dir, "", shall.files())
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "Check", []Stale{{journalName, Interrupted}, {manifestName, Outdated}, {"a", Outdated}, {"b/c", Outdated},
		{"gone", Orphan}, {"new/d", Missing}}, r.Stale)
	mustWrite(t, dir, shall.files())
	fresh := t.TempDir()
	mustWrite(t, fresh, shall.files())
	diff(t, "tree", readAll(t, fresh), readAll(t, dir))
}
