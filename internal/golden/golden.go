// Package golden compares what a test made with files that are committed, and rewrites those files
// where OBSGEN_UPDATE=1 is set.
package golden

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/diff"
)

const variable = "OBSGEN_UPDATE"

// File compares got with the file at path, which is relative to the package under test.
func File(t testing.TB, path string, got []byte) {
	t.Helper()
	if updating(t) {
		write(t, path, got)
		return
	}
	want, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		t.Errorf("%s is missing; write it with\n\t%s", path, command(t))
	case err != nil:
		t.Fatal(err)
	case !bytes.Equal(want, got):
		t.Errorf("%s differs:\n%s\nif the change is meant:\n\t%s", path, difference(want, got), command(t))
	}
}

// Tree compares got, by slash-separated path, with all files below dir, which is relative to the
// package under test. A file that only one side has is a difference too.
func Tree(t testing.TB, dir string, got map[string][]byte) {
	t.Helper()
	if len(got) == 0 {
		t.Fatalf("%s: nothing was made, so there is nothing to compare", dir)
	}
	if holdsPackage(t, dir) {
		t.Fatalf("%q holds the package under test, whose files are not golden", dir)
	}
	for name := range got {
		if !fs.ValidPath(name) || name == "." {
			t.Fatalf("%q is no path below %s", name, dir)
		}
	}
	want := files(t, dir)
	if updating(t) {
		update(t, dir, want, got)
		return
	}
	all := maps.Clone(want)
	maps.Copy(all, got)
	differs := false
	for _, name := range slices.Sorted(maps.Keys(all)) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		w, committed := want[name]
		g, made := got[name]
		switch {
		case !committed:
			t.Errorf("%s is missing", path)
		case !made:
			t.Errorf("%s is committed, but no longer made", path)
		case !bytes.Equal(w, g):
			t.Errorf("%s differs:\n%s", path, difference(w, g))
		default:
			continue
		}
		differs = true
	}
	if differs {
		t.Errorf("if these changes of %s are meant:\n\t%s", dir, command(t))
	}
}

// updating reports whether golden files are to be rewritten. In CI that would make every comparison
// succeed, so there it fails the test.
func updating(t testing.TB) bool {
	t.Helper()
	update, _ := strconv.ParseBool(os.Getenv(variable))
	ci, _ := strconv.ParseBool(os.Getenv("CI"))
	if update && ci {
		t.Fatalf("%s is set in CI, where golden files are compared and never rewritten", variable)
	}
	return update
}

// command returns what a person types to accept the change.
func command(t testing.TB) string {
	t.Helper()
	start, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			pkg, err := filepath.Rel(dir, start)
			if err != nil {
				t.Fatal(err)
			}
			return fmt.Sprintf("%s=1 go test ./%s", variable, filepath.ToSlash(pkg))
		}
		if dir == filepath.Dir(dir) {
			return variable + "=1 go test"
		}
	}
}

// difference shows both sides as a unified diff, or as bytes where one of them is no text.
func difference(want, got []byte) string {
	if utf8.Valid(want) && utf8.Valid(got) {
		return string(diff.Diff("committed", want, "made now", got))
	}
	return "(-committed +made now)\n" + cmp.Diff(want, got)
}

// holdsPackage reports whether the working directory, which is the package's own, lies in dir: an
// update would then remove its source.
func holdsPackage(t testing.TB, dir string) bool {
	t.Helper()
	abs, err := filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}
	wd, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	rel, err := filepath.Rel(abs, wd)
	return err == nil && filepath.IsLocal(rel)
}

// files reads all files below dir; no dir is no files.
func files(t testing.TB, dir string) map[string][]byte {
	t.Helper()
	found := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if path == dir && errors.Is(err, fs.ErrNotExist) {
			return filepath.SkipAll
		}
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		found[filepath.ToSlash(name)], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// update makes the files below dir those of got. Folders that it empties go as well, since git would
// not carry them.
func update(t testing.TB, dir string, want, got map[string][]byte) {
	t.Helper()
	for name := range want {
		if _, made := got[name]; made {
			continue
		}
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		for parent := filepath.Dir(path); parent != filepath.Clean(dir); parent = filepath.Dir(parent) {
			if os.Remove(parent) != nil {
				break // not empty
			}
		}
	}
	for name, data := range got {
		write(t, filepath.Join(dir, filepath.FromSlash(name)), data)
	}
}

func write(t testing.TB, path string, data []byte) {
	t.Helper()
	if have, err := os.ReadFile(path); err == nil && bytes.Equal(have, data) {
		return
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}
