package tree

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// layout is a tree in short: path to content. A path that ends in "/" is an empty folder, content "-> x" a link to x.
type layout map[string]string

func (l layout) files() []File {
	var files []File
	for p, content := range l { // Write does not care for the order of files
		files = append(files, File{p, []byte(content)})
	}
	return files
}

// put adds l to what dir holds.
func (l layout) put(t testing.TB, dir string) {
	t.Helper()
	for p, content := range l {
		name := filepath.Join(dir, filepath.FromSlash(p))
		target, isLink := strings.CutPrefix(content, "-> ")
		var err error
		switch {
		case strings.HasSuffix(p, "/"):
			err = os.MkdirAll(name, 0o755)
		case isLink:
			err = errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.Symlink(target, name))
		default:
			err = errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, []byte(content), 0o644))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// read returns what dir holds, without MANIFEST.
func read(t testing.TB, dir string) layout {
	t.Helper()
	l := readAll(t, dir)
	delete(l, manifestName)
	return l
}

func readAll(t testing.TB, dir string) layout {
	t.Helper()
	l := layout{}
	err := filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		p, err := filepath.Rel(dir, name)
		p = filepath.ToSlash(p)
		switch {
		case err != nil || p == ".":
			return err
		case e.IsDir():
			inside, err := os.ReadDir(name)
			if len(inside) == 0 {
				l[p+"/"] = ""
			}
			return err
		case e.Type()&fs.ModeSymlink != 0:
			target, err := os.Readlink(name)
			l[p] = "-> " + target
			return err
		case !e.Type().IsRegular():
			l[p] = e.Type().String()
			return nil
		}
		b, err := os.ReadFile(name)
		l[p] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func diff(t testing.TB, what string, want, got any) {
	t.Helper()
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func TestWrite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "out")
	first := layout{"prometheus/rules/a.yaml": "a", "prometheus/rules/b.yaml": "", "docs/x/y.md": "y", "docs/index.md": "i"}
	diff(t, "first report", Report{Written: []string{
		"docs/index.md", "docs/x/y.md", "prometheus/rules/a.yaml", "prometheus/rules/b.yaml"}}, mustWrite(t, dir, first.files()))
	diff(t, "first tree", first, read(t, dir))

	layout{"docs/mine.md": "a person's", "prometheus/mine/": ""}.put(t, dir)
	second := layout{"prometheus/rules/a.yaml": "a2", "docs/index.md": "i", "helm/values.yaml": "v"}
	diff(t, "second report", Report{
		Written:   []string{"helm/values.yaml", "prometheus/rules/a.yaml"},
		Removed:   []string{"docs/x/y.md", "prometheus/rules/b.yaml"},
		Unchanged: []string{"docs/index.md"},
	}, mustWrite(t, dir, second.files()))
	diff(t, "second tree", layout{"prometheus/rules/a.yaml": "a2", "docs/index.md": "i", "helm/values.yaml": "v",
		"docs/mine.md": "a person's", "prometheus/mine/": ""}, read(t, dir))

	mustWrite(t, dir, nil)
	diff(t, "tree of no files", layout{"docs/mine.md": "a person's", "prometheus/mine/": ""}, read(t, dir))
}

func TestManifestIsDeterministic(t *testing.T) {
	dir := t.TempDir()
	mustWrite(t, dir, layout{"b/c.yaml": "two", "b.yaml": "three", "a.yaml": "one"}.files())
	want := manifestHead + `
sha256:7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed  a.yaml
sha256:8b5b9db0c13db24256c829aa364aa90c6d2eba318b9232a4ab9313b954d3555f  b.yaml
sha256:3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3  b/c.yaml
`
	diff(t, "MANIFEST", want, readAll(t, dir)[manifestName])
}

func TestModes(t *testing.T) {
	dir := t.TempDir()
	mustWrite(t, dir, layout{"a/b.yaml": "x"}.files())
	for p, want := range map[string]fs.FileMode{"a/b.yaml": 0o644, manifestName: 0o644, "a": fs.ModeDir | 0o755} {
		info, err := os.Stat(filepath.Join(dir, p))
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode(); got != want {
			t.Errorf("%s has mode %v, want %v", p, got, want)
		}
	}
}

func TestUnchangedFilesAreNotRewritten(t *testing.T) {
	dir := t.TempDir()
	files := layout{"a.yaml": "a", "b/c.yaml": "c"}.files()
	mustWrite(t, dir, files)
	long := time.Now().Add(-time.Hour).Truncate(time.Second)
	names := []string{"a.yaml", "b/c.yaml", "b", manifestName}
	for _, p := range names {
		if err := os.Chtimes(filepath.Join(dir, p), long, long); err != nil {
			t.Fatal(err)
		}
	}
	diff(t, "report", Report{Unchanged: []string{"a.yaml", "b/c.yaml"}}, mustWrite(t, dir, files))
	for _, p := range names {
		info, err := os.Stat(filepath.Join(dir, p))
		if err != nil {
			t.Fatal(err)
		}
		if !info.ModTime().Equal(long) {
			t.Errorf("%s was written at %v", p, info.ModTime())
		}
	}
}

// Every kind of path may take the place of every other between two builds.
func TestFilesBecomeFolders(t *testing.T) {
	trees := []layout{
		{"a": "1", "b/c/d": "2", "b/c/e": "3"},
		{"a/x/y": "4", "b": "5"},
		{"a/x": "6", "b/c": "7"},
		{"a/x/y": "4", "a/x/z/w": "8", "b/c/d/e": "9"},
		{},
	}
	for i, from := range trees {
		for k, to := range trees {
			dir := t.TempDir()
			mustWrite(t, dir, from.files())
			mustWrite(t, dir, to.files())
			if got := read(t, dir); !cmp.Equal(to, got) {
				t.Errorf("from tree %d to tree %d (-want +got):\n%s", i, k, cmp.Diff(to, got))
			}
		}
	}
}

// A file that was there before obsgen and is as obsgen would write it becomes obsgen's without a question.
func TestEqualContentIsAdopted(t *testing.T) {
	dir := t.TempDir()
	layout{"a.yaml": "a", "b/c.yaml": "c"}.put(t, dir)
	diff(t, "report", Report{Unchanged: []string{"a.yaml", "b/c.yaml"}},
		mustWrite(t, dir, layout{"a.yaml": "a", "b/c.yaml": "c"}.files()))
	diff(t, "report of no files", Report{Removed: []string{"a.yaml", "b/c.yaml"}}, mustWrite(t, dir, nil))
	diff(t, "tree", layout{}, read(t, dir))
}

func TestDeletedFilesComeBack(t *testing.T) {
	dir := t.TempDir()
	l := layout{"a.yaml": "a", "b/c.yaml": "c"}
	mustWrite(t, dir, l.files())
	if err := os.RemoveAll(filepath.Join(dir, "b")); err != nil {
		t.Fatal(err)
	}
	diff(t, "report", Report{Written: []string{"b/c.yaml"}, Unchanged: []string{"a.yaml"}}, mustWrite(t, dir, l.files()))
	diff(t, "tree", l, read(t, dir))
}

func TestOnly(t *testing.T) {
	before := layout{"prometheus/rules/a.yaml": "a", "prometheus/rules/gone.yaml": "g", "grafana/x.json": "x", "grafana/y.json": "y",
		"grafana/gone.json": "g", "README.md": "r"}
	after := layout{"prometheus/rules/a.yaml": "a2", "prometheus/rules/new.yaml": "n", "grafana/x.json": "x2", "grafana/y.json": "y2",
		"docs/new.md": "n", "README.md": "r2"}
	tests := []struct {
		only []string
		want layout
	}{
		{[]string{"prometheus"}, layout{"prometheus/rules/a.yaml": "a2", "prometheus/rules/new.yaml": "n", "grafana/x.json": "x",
			"grafana/y.json": "y", "grafana/gone.json": "g", "README.md": "r"}},
		{[]string{"prometheus/rules/", "README.md"}, layout{"prometheus/rules/a.yaml": "a2", "prometheus/rules/new.yaml": "n",
			"grafana/x.json": "x", "grafana/y.json": "y", "grafana/gone.json": "g", "README.md": "r2"}},
		{[]string{"*/[xg]*.json"}, layout{"prometheus/rules/a.yaml": "a", "prometheus/rules/gone.yaml": "g", "grafana/x.json": "x2",
			"grafana/y.json": "y", "README.md": "r"}},
		{[]string{"./grafana/gone.json"}, layout{"prometheus/rules/a.yaml": "a", "prometheus/rules/gone.yaml": "g",
			"grafana/x.json": "x", "grafana/y.json": "y", "README.md": "r"}},
		{[]string{"."}, after},
	}
	for _, tt := range tests {
		t.Run(strings.Join(tt.only, " "), func(t *testing.T) {
			dir, fresh := t.TempDir(), t.TempDir()
			mustWrite(t, dir, before.files())
			if _, err := Write(dir, after.files(), Options{Only: tt.only}); err != nil {
				t.Fatal(err)
			}
			diff(t, "tree", tt.want, read(t, dir))
			mustWrite(t, fresh, tt.want.files())
			diff(t, "MANIFEST", readAll(t, fresh)[manifestName], readAll(t, dir)[manifestName])
			mustWrite(t, dir, after.files())
			diff(t, "tree of the next whole build", after, read(t, dir))
		})
	}

	for only, want := range map[string]string{
		"promethues": `"promethues" selects no files: none that is produced and none in MANIFEST matches`,
		"../out":     `"../out" selects no files: none that is produced and none in MANIFEST matches`,
		"":           `"" selects no files: it is neither a path of the tree nor a pattern`,
		"grafana/[":  `"grafana/[" selects no files: it is neither a path of the tree nor a pattern`,
	} {
		dir := t.TempDir()
		mustWrite(t, dir, before.files())
		_, err := Write(dir, after.files(), Options{Only: []string{"README.md", only}})
		if err == nil || err.Error() != want {
			t.Errorf("only %q: got error %v, want %s", only, err, want)
		}
		diff(t, "tree", before, read(t, dir))
	}
}

// What lies outside of Only is not looked at, not even to refuse it.
func TestOnlyIgnoresConflictsElsewhere(t *testing.T) {
	dir := t.TempDir()
	mustWrite(t, dir, layout{"a/x": "1", "b/x": "1"}.files())
	layout{"b/x": "edited"}.put(t, dir)
	if _, err := Write(dir, layout{"a/x": "2", "b/x": "2"}.files(), Options{Only: []string{"a"}}); err != nil {
		t.Fatal(err)
	}
	diff(t, "tree", layout{"a/x": "2", "b/x": "edited"}, read(t, dir))
	r, err := Check(dir, "", layout{"a/x": "2", "b/x": "2"}.files())
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "Check", Report{Unchanged: []string{"a/x"}, Stale: []Stale{{"b/x", Edited}}}, r)
}

func TestCheck(t *testing.T) {
	base := layout{"a/1": "one", "a/2": "two", "b": "bee"}
	tests := []struct {
		name  string
		found func(t *testing.T, dir string) // happens to the tree of base
		files layout
		want  Report
	}{
		{"good", nil, base, Report{Unchanged: []string{"a/1", "a/2", "b"}}},
		{"missing", remove("a/1"), base, Report{Unchanged: []string{"a/2", "b"}, Stale: []Stale{{"a/1", Missing}}}},
		{"edited", layout{"b": "by hand"}.change, base, Report{Unchanged: []string{"a/1", "a/2"}, Stale: []Stale{{"b", Edited}}}},
		{"outdated", nil, layout{"a/1": "one", "a/2": "TWO", "b": "bee"}, Report{Unchanged: []string{"a/1", "b"},
			Stale: []Stale{{manifestName, Outdated}, {"a/2", Outdated}}}},
		{"no longer produced", nil, layout{"a/1": "one", "b": "bee"}, Report{Unchanged: []string{"a/1", "b"},
			Stale: []Stale{{manifestName, Outdated}, {"a/2", Orphan}}}},
		{"no longer produced and edited", layout{"a/2": "by hand"}.change, layout{"a/1": "one", "b": "bee"},
			Report{Unchanged: []string{"a/1", "b"}, Stale: []Stale{{"a/2", EditedOrphan}}}},
		{"not owned", layout{"c": "sea"}.change, layout{"a/1": "one", "a/2": "two", "b": "bee", "c": "see"},
			Report{Unchanged: []string{"a/1", "a/2", "b"}, Stale: []Stale{{"c", NotOwned}}}},
		{"someone else's files", layout{"c": "sea"}.change, base, Report{Unchanged: []string{"a/1", "a/2", "b"}}},
		{"no manifest", remove(manifestName), base, Report{Unchanged: []string{"a/1", "a/2", "b"},
			Stale: []Stale{{manifestName, Missing}}}},
		{"no tree", func(t *testing.T, dir string) {
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
		}, base, Report{Stale: []Stale{{manifestName, Missing}, {"a/1", Missing}, {"a/2", Missing}, {"b", Missing}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "out")
			mustWrite(t, dir, base.files())
			var before layout
			if tt.found != nil {
				tt.found(t, dir)
			}
			if _, err := os.Stat(dir); err == nil {
				before = readAll(t, dir)
			}
			got, err := Check(dir, "", tt.files.files())
			if err != nil {
				t.Fatal(err)
			}
			diff(t, "report", tt.want, got)
			if before == nil {
				if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("Check made the tree: %v", err)
				}
			} else {
				diff(t, "tree after Check", before, readAll(t, dir))
			}
			// What Check calls good is what Write leaves.
			if _, err := Write(dir, tt.files.files(), Options{Force: true}); err != nil {
				t.Fatal(err)
			}
			if got, err = Check(dir, "", tt.files.files()); err != nil || len(got.Stale) > 0 {
				t.Errorf("after Write: %v, error %v", got.Stale, err)
			}
		})
	}
}

// change is put as a step of a test.
func (l layout) change(t *testing.T, dir string) { l.put(t, dir) }

func remove(p string) func(t *testing.T, dir string) {
	return func(t *testing.T, dir string) {
		if err := os.RemoveAll(filepath.Join(dir, p)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestUnusableFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"", file, filepath.Join(file, "below")} {
		if _, err := Write(dir, layout{"a": "1"}.files(), Options{}); err == nil {
			t.Errorf("Write to %q succeeded", dir)
		}
		if _, err := Check(dir, "", layout{"a": "1"}.files()); err == nil {
			t.Errorf("Check of %q succeeded", dir)
		}
	}
}
