package tree

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestProjects builds into the directory that another build has written.
func TestProjects(t *testing.T) {
	before := layout{"catalog.json": "a", "rules/a.yaml": "a", "rules/b.yaml": "a"}
	for _, tt := range []struct {
		name       string
		was, is    string
		files      layout
		want       string // of the error, "" for none
		unfinished bool   // the first build was killed before it wrote MANIFEST
	}{
		{name: "the same project", was: "shop", is: "shop", files: layout{"catalog.json": "b"}},
		{name: "another project", was: "shop", is: "bank", files: layout{"catalog.json": "b"}, want: `its 3 files belong to project shop, as MANIFEST says, and this build is of bank; if the project was renamed, change that line of MANIFEST to "# project: bank"`},
		{name: "another project with the same paths", was: "shop", is: "bank", files: before, want: "belong to project shop"},
		{name: "another project, the first build of which was killed", was: "shop", is: "bank", files: layout{"catalog.json": "b"}, want: "belong to project shop", unfinished: true},
		{name: "no project in the place of one", was: "shop", is: "", files: before, want: "this build is of none"},
		{name: "an earlier version, same paths", was: "", is: "shop", files: layout{"catalog.json": "b", "rules/a.yaml": "b", "rules/b.yaml": "b"}},
		{name: "an earlier version, more paths", was: "", is: "shop", files: layout{"catalog.json": "b", "rules/a.yaml": "b", "rules/b.yaml": "b", "c": "c"}},
		{name: "an earlier version, other paths", was: "", is: "shop", files: layout{"catalog.json": "b", "rules/a.yaml": "b"}, want: `would remove 1 of them, such as rules/b.yaml; if they are this project's, add the line "# project: shop" to MANIFEST`},
		{name: "no project at all", was: "", is: "", files: layout{"catalog.json": "b"}},
		{name: "spaces in names", was: " a  b\nc", is: "a b c", files: layout{"catalog.json": "b"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			if _, err := Write(dir, before.files(), Options{Project: tt.was}); err != nil {
				t.Fatal(err)
			}
			if tt.unfinished {
				data, err := os.ReadFile(filepath.Join(dir, manifestName))
				if err != nil {
					t.Fatal(err)
				}
				data = []byte(strings.Replace(string(data), manifestHead, journalHead, 1))
				if err := errors.Join(os.Remove(filepath.Join(dir, manifestName)), os.WriteFile(filepath.Join(dir, journalName), data, 0o600)); err != nil {
					t.Fatal(err)
				}
			}
			found := read(t, dir)
			_, checked := Check(dir, tt.is, tt.files.files())
			_, err := Write(dir, tt.files.files(), Options{Project: tt.is})
			for what, err := range map[string]error{"Write": err, "Check": checked} {
				var other *OtherProject
				if tt.want == "" && err != nil || tt.want != "" && (!errors.As(err, &other) || !strings.Contains(err.Error(), tt.want)) {
					t.Errorf("%s: %v, want %q", what, err, tt.want)
				}
			}
			if tt.want == "" {
				diff(t, "tree", tt.files, read(t, dir))
				return
			}
			diff(t, "tree", found, read(t, dir))
			if _, err := Write(dir, tt.files.files(), Options{Project: tt.is, Force: true}); err != nil {
				t.Fatal(err)
			}
			diff(t, "tree after --force", tt.files, read(t, dir))
			if _, err := Write(dir, tt.files.files(), Options{Project: tt.is}); err != nil {
				t.Errorf("after --force it is no tree of the project's: %v", err)
			}
		})
	}
}

// TestSaidToBeTheProjects follows what the error of a tree without a name says.
func TestSaidToBeTheProjects(t *testing.T) {
	dir := t.TempDir()
	mustWrite(t, dir, layout{"a": "1", "b": "1"}.files())
	manifest := filepath.Join(dir, manifestName)
	data, err := os.ReadFile(manifest)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(manifest, append(data, "# project: shop\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Write(dir, layout{"a": "2"}.files(), Options{Project: "shop"}); err != nil {
		t.Fatal(err)
	}
	diff(t, "tree", layout{"a": "2"}, read(t, dir))
}

func TestDanglingOutputDirectory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	if err := os.Symlink("none", dir); err != nil {
		t.Skip(err)
	}
	if _, err := Write(dir, layout{"a": "1"}.files(), Options{}); err == nil || !strings.Contains(err.Error(), "is a symbolic link to none, which is not a directory; make that directory") {
		t.Errorf("got %v", err)
	}
}
