package tree

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// base is the tree, as obsgen wrote it, to which the tests below do something.
var base = layout{"a.yaml": "a", "dir/b.yaml": "b", "dir/sub/c.yaml": "c"}

func TestRefusal(t *testing.T) {
	tests := []struct {
		name   string
		found  layout   // put over the tree
		gone   []string // removed from it before that
		files  layout
		want   []Conflict
		forced layout // what Force makes of it; nil if it refuses as well
	}{
		{
			name:   "not owned",
			found:  layout{"dir/new.yaml": "a person's"},
			files:  layout{"a.yaml": "a2", "dir/new.yaml": "n"},
			want:   []Conflict{{"dir/new.yaml", NotOwned}},
			forced: layout{"a.yaml": "a2", "dir/new.yaml": "n"},
		}, {
			name:   "edited",
			found:  layout{"dir/b.yaml": "b, edited"},
			files:  layout{"a.yaml": "a", "dir/b.yaml": "b2", "dir/sub/c.yaml": "c2"},
			want:   []Conflict{{"dir/b.yaml", Edited}},
			forced: layout{"a.yaml": "a", "dir/b.yaml": "b2", "dir/sub/c.yaml": "c2"},
		}, {
			name:   "edited though nothing changed since",
			found:  layout{"dir/b.yaml": "b, edited"},
			files:  base,
			want:   []Conflict{{"dir/b.yaml", Edited}},
			forced: base,
		}, {
			name:   "no longer produced but edited",
			found:  layout{"dir/sub/c.yaml": "c, edited"},
			files:  layout{"a.yaml": "a"},
			want:   []Conflict{{"dir/sub/c.yaml", EditedOrphan}},
			forced: layout{"a.yaml": "a"},
		}, {
			name:   "file where a folder is needed",
			found:  layout{"x": "a person's"},
			files:  layout{"x/y/1.yaml": "1", "x/y/2.yaml": "2"},
			want:   []Conflict{{"x", BlocksFolder}},
			forced: layout{"x/y/1.yaml": "1", "x/y/2.yaml": "2"},
		}, {
			name:   "edited file where a folder is needed",
			found:  layout{"a.yaml": "a, edited"},
			files:  layout{"a.yaml/1.yaml": "1"},
			want:   []Conflict{{"a.yaml", EditedOrphan}},
			forced: layout{"a.yaml/1.yaml": "1"},
		}, {
			name:  "owned file replaced by a folder",
			gone:  []string{"a.yaml"},
			found: layout{"a.yaml/notes.md": "a person's"},
			files: base,
			want:  []Conflict{{"a.yaml", IsFolder}},
		}, {
			name:  "folder with a person's file where a file goes",
			found: layout{"dir/sub/notes.md": "a person's"},
			files: layout{"dir": "d"},
			want:  []Conflict{{"dir", IsFolder}},
		}, {
			name:   "folder with an edited file where a file goes",
			found:  layout{"dir/sub/c.yaml": "c, edited"},
			files:  layout{"dir": "d"},
			want:   []Conflict{{"dir/sub/c.yaml", EditedOrphan}},
			forced: layout{"dir": "d"},
		}, {
			name:  "link in place of a file",
			gone:  []string{"dir/b.yaml"},
			found: layout{"dir/b.yaml": "-> ../a.yaml"},
			files: base,
			want:  []Conflict{{"dir/b.yaml", SymbolicLink}},
		}, {
			name:  "link to the very content",
			gone:  []string{"a.yaml"},
			found: layout{"kept": "a", "a.yaml": "-> kept"},
			files: base,
			want:  []Conflict{{"a.yaml", SymbolicLink}},
		}, {
			name:  "dangling link",
			found: layout{"new.yaml": "-> nowhere"},
			files: layout{"new.yaml": "n"},
			want:  []Conflict{{"new.yaml", SymbolicLink}},
		}, {
			name:  "link in place of a folder",
			gone:  []string{"dir"},
			found: layout{"moved/b.yaml": "b", "moved/sub/c.yaml": "c", "dir": "-> moved"},
			files: layout{"a.yaml": "a2", "dir/b.yaml": "b2", "dir/sub/c.yaml": "c2"},
			want:  []Conflict{{"dir", SymbolicLink}},
		}, {
			name:  "link in place of a folder no longer produced",
			gone:  []string{"dir"},
			found: layout{"moved/b.yaml": "b", "moved/sub/c.yaml": "c", "dir": "-> moved"},
			files: layout{"a.yaml": "a2"},
			want:  []Conflict{{"dir", SymbolicLink}},
		}, {
			name:  "records that are links",
			gone:  []string{manifestName},
			found: layout{manifestName: "-> a.yaml", journalName: "-> a.yaml", scratchName: "-> a.yaml"},
			files: layout{"a.yaml": "a2"},
			want:  []Conflict{{journalName, SymbolicLink}, {scratchName, SymbolicLink}, {manifestName, SymbolicLink}},
		}, {
			name:  "lock that is a link",
			found: layout{lockName: "-> a.yaml"},
			files: layout{"a.yaml": "a2"},
			want:  []Conflict{{lockName, SymbolicLink}},
		}, {
			name:  "manifest that is a folder",
			gone:  []string{manifestName},
			found: layout{manifestName + "/x": "a person's"},
			files: layout{"a.yaml": "a2"},
			want:  []Conflict{{manifestName, IsFolder}},
		}, {
			name:  "paths that leave the tree",
			files: layout{"../up.yaml": "1", "dir/../../up.yaml": "2", "/etc/up.yaml": "3", "..": "4"},
			want: []Conflict{{"..", Escapes}, {"../up.yaml", Escapes}, {"/etc/up.yaml", Escapes},
				{"dir/../../up.yaml", Escapes}},
		}, {
			name: "paths that are not plain",
			files: layout{"": "1", ".": "2", "./x": "3", "x//y": "4", "x/": "5", "x/../y": "6", `x\y`: "7", "x\x00y": "8", "x\ny": "9",
				"x\xff": "10"},
			want: []Conflict{{"", Malformed}, {".", Malformed}, {"./x", Malformed}, {"x\x00y", Malformed}, {"x\ny", Malformed},
				{"x/", Malformed}, {"x/../y", Malformed}, {"x//y", Malformed}, {`x\y`, Malformed}, {"x\xff", Malformed}},
		}, {
			name:  "names of the records",
			files: layout{"MANIFEST": "1", "Manifest": "2", "MANIFEST/x": "3", ".MANIFEST.next": "4", ".manifest.other": "5"},
			want: []Conflict{{".MANIFEST.next", Reserved}, {".manifest.other", Reserved}, {"MANIFEST", Reserved}, {"MANIFEST/x", Reserved},
				{"Manifest", Reserved}},
		}, {
			name:  "paths that differ by case",
			files: layout{"x/board.json": "1", "x/Board.json": "2", "y/z.md": "3", "Y/w.md": "4"},
			want:  []Conflict{{"x/board.json", CaseOnly}, {"y/z.md", CaseOnly}},
		}, {
			name:  "path both file and folder",
			files: layout{"x": "1", "x/y": "2", "z/w": "3", "Z": "4"},
			want:  []Conflict{{"Z", FileAndFolder}, {"x", FileAndFolder}},
		}, {
			name:  "all at once",
			gone:  []string{"dir/sub"},
			found: layout{"a.yaml": "edited", "dir/b.yaml": "edited", "dir/sub": "-> ..", "new.yaml": "a person's"},
			files: layout{"a.yaml": "a2", "dir/sub/c.yaml": "c", "new.yaml": "n", "../up": "u"},
			want: []Conflict{{"../up", Escapes}, {"a.yaml", Edited}, {"dir/b.yaml", EditedOrphan}, {"dir/sub", SymbolicLink},
				{"new.yaml", NotOwned}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "out")
			mustWrite(t, dir, base.files())
			for _, p := range tt.gone {
				remove(p)(t, dir)
			}
			tt.found.put(t, dir)
			before := readAll(t, filepath.Dir(dir))

			_, err := Write(dir, tt.files.files(), Options{})
			r, ok := errors.AsType[*Refusal](err)
			if !ok {
				t.Fatalf("Write: got error %v, want a refusal", err)
			}
			diff(t, "conflicts", tt.want, r.Conflicts)
			diff(t, "tree after the refusal", before, readAll(t, filepath.Dir(dir)))
			for _, c := range r.Conflicts {
				if c.Mend() == "" {
					t.Errorf("%s: no mend for %q", c.Path, c.Reason)
				}
			}

			promised := append(r.ForceReplaces(), r.ForceRemoves()...)
			_, err = Write(dir, tt.files.files(), Options{Force: true})
			if tt.forced == nil {
				if _, ok := errors.AsType[*Refusal](err); !ok {
					t.Fatalf("Write with Force: got error %v, want a refusal", err)
				}
				diff(t, "tree after the second refusal", before, readAll(t, filepath.Dir(dir)))
				return
			}
			if err != nil {
				t.Fatalf("Write with Force: %v", err)
			}
			after := read(t, dir)
			diff(t, "tree after Force", tt.forced, after)
			for p, content := range tt.found { // Force did what it was said to do, and nothing else
				announced := false
				for _, q := range promised {
					announced = announced || p == q
				}
				if now, ok := after[p]; announced == (ok && now == content) {
					t.Errorf("%s: said to be given up: %v, but holds %q afterwards", p, announced, now)
				}
			}
		})
	}
}

func TestDuplicatePaths(t *testing.T) {
	dir := t.TempDir()
	_, err := Write(dir, []File{{"x", []byte("1")}, {"y", nil}, {"x", []byte("1")}}, Options{Force: true})
	r, ok := errors.AsType[*Refusal](err)
	if !ok {
		t.Fatalf("got error %v, want a refusal", err)
	}
	diff(t, "conflicts", []Conflict{{"x", Duplicate}}, r.Conflicts)
	diff(t, "tree", layout{}, readAll(t, dir))
	if _, err = Check(dir, "", []File{{"x", nil}, {"x", nil}}); err == nil {
		t.Error("Check takes a path twice")
	}
}

// A refused path does not even make the folder of the tree.
func TestRefusalMakesNoFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	if _, err := Write(dir, layout{"../x": ""}.files(), Options{}); err == nil {
		t.Fatal("Write succeeded")
	}
	if _, err := os.Lstat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s exists, or: %v", dir, err)
	}
}

func TestRefusalText(t *testing.T) {
	r := newRefusal("out", []Conflict{{"b.yaml", Edited}, {"old.yaml", EditedOrphan}, {"a.yaml", NotOwned}, {"l", SymbolicLink}, {"x\ny", Malformed}})
	want := `out: nothing was written, because of 5 of its paths:
  a.yaml: exists, and obsgen did not write it (mend: move it out of the tree, or let --force replace it)
  b.yaml: edited by hand since obsgen wrote it (mend: carry the edit over to the declarations, then let --force replace it)
  l: is a symbolic link (mend: remove the link: obsgen never writes or removes through one)
  old.yaml: no longer produced, but edited by hand since obsgen wrote it (mend: keep a copy elsewhere if it matters, then let --force remove it)
  "x\ny": the path is not plain: it has an empty or dotted part, a backslash, a control character, or is not UTF-8 (mend: change the name in the declaration it comes from)
--force would replace: a.yaml, b.yaml
--force would remove: old.yaml
--force does not help with the other 2`
	diff(t, "text", strings.Split(want, "\n"), strings.Split(r.Error(), "\n"))
}
