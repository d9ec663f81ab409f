package tree

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Whatever stands in the tree, nothing outside of it is read, written or removed. In each test "outside" lies beside the
// tree and must come through unharmed, with Force as without.
func TestNothingOutsideIsTouched(t *testing.T) {
	outside := layout{"outside/a.yaml": "a", "outside/sub/c.yaml": "c", "outside/empty/": ""}
	tests := []struct {
		name  string
		found layout
		files layout
	}{
		{"link to a file", layout{"out/a.yaml": "-> ../outside/a.yaml"}, layout{"a.yaml": "new"}},
		{"absolute link", layout{"out/a.yaml": "-> /etc/hostname"}, layout{"a.yaml": "new"}},
		{"link to a folder", layout{"out/dir": "-> ../outside"}, layout{"dir/a.yaml": "new"}},
		{"link to a folder, new file", layout{"out/dir": "-> ../outside"}, layout{"dir/new/b.yaml": "new"}},
		{"deep link", layout{"out/x/y": "-> ../../outside/sub"}, layout{"x/y/c.yaml": "new"}},
		{"chain of links", layout{"out/x": "-> y", "out/y": "-> ../outside"}, layout{"x/a.yaml": "new"}},
		{"link to itself", layout{"out/x": "-> x"}, layout{"x/a.yaml": "new"}},
		{"forged manifest, link to a folder", layout{"out/dir": "-> ../outside",
			"out/MANIFEST": manifestHead + "\n" + line("dir/a.yaml", "a") + line("dir/sub/c.yaml", "c")}, layout{"b": "b"}},
		{"forged manifest, paths", layout{"out/MANIFEST": manifestHead + "\n" + line("../outside/a.yaml", "a")}, layout{"b": "b"}},
		{"forged journal, link to a folder", layout{"out/dir": "-> ../outside",
			"out/.MANIFEST.next": journalHead + "\n" + line("dir/empty/x.yaml", "x") + line("dir/a.yaml", "a")}, layout{"b": "b"}},
		{"forged journal, paths", layout{"out/.MANIFEST.next": journalHead + "\n" + line("../outside/a.yaml", "a")}, layout{"b": "b"}},
		{"scratch file that is a link", layout{"out/.MANIFEST.tmp": "-> ../outside/a.yaml"}, layout{"b": "b"}},
		{"lock that is a link", layout{"out/.MANIFEST.lock": "-> ../outside/new"}, layout{"b": "b"}},
		{"manifest that is a link", layout{"out/MANIFEST": "-> ../outside/a.yaml"}, layout{"b": "b"}},
		{"temporary that is a link", layout{"out/" + tempName(entry{"b", sha256.Sum256([]byte("b"))}): "-> ../outside/a.yaml"},
			layout{"b": "b"}},
	}
	for _, tt := range tests {
		for _, force := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/force=%v", tt.name, force), func(t *testing.T) {
				parent := t.TempDir()
				outside.put(t, parent)
				tt.found.put(t, parent)
				_, err := Write(filepath.Join(parent, "out"), tt.files.files(), Options{Force: force})
				if err == nil && tt.name != "forged journal, link to a folder" { // it lists files that are not there, so far as obsgen sees
					t.Error("no error")
				}
				got := readAll(t, parent)
				maps.DeleteFunc(got, func(p, _ string) bool { return strings.HasPrefix(p, "out/") })
				diff(t, "outside", outside, got)
			})
		}
	}
}

// The tree itself may be reached through a link.
func TestTreeBehindLink(t *testing.T) {
	parent := t.TempDir()
	layout{"real/": "", "out": "-> real"}.put(t, parent)
	mustWrite(t, filepath.Join(parent, "out"), base.files())
	diff(t, "tree", base, read(t, filepath.Join(parent, "real")))
	mustWrite(t, filepath.Join(parent, "out"), layout{"a.yaml": "a2"}.files())
	diff(t, "tree", layout{"a.yaml": "a2"}, read(t, filepath.Join(parent, "real")))
}

// A folder that turns into a link between the look and the write leads nowhere outside.
func TestFolderBecomesLinkDuringWrite(t *testing.T) {
	for _, at := range []string{"write", "rename", "remove"} {
		parent := t.TempDir()
		out := filepath.Join(parent, "out")
		mustWrite(t, out, base.files())
		layout{"outside/b.yaml": "b", "outside/sub/c.yaml": "c"}.put(t, parent)
		swapped := false
		_, err := write(out, layout{"dir/b.yaml": "b2"}.files(), Options{}, func(op, p string) {
			if op != at || filepath.Dir(p) == "." || swapped {
				return
			}
			swapped = true
			err := errors.Join(os.Rename(filepath.Join(out, "dir"), filepath.Join(out, "was")),
				os.Symlink("../outside", filepath.Join(out, "dir")))
			if err != nil {
				t.Error(err)
			}
		})
		if !swapped || err == nil {
			t.Errorf("%s: swapped %v, error %v", at, swapped, err)
		}
		diff(t, "outside, at "+at, layout{"b.yaml": "b", "sub/c.yaml": "c"}, readAll(t, filepath.Join(parent, "outside")))
	}
}

// Where the file system does not tell case apart, a path in another case is the same file. A second name of the file
// stands for that here.
func TestCaseOfOwnedPathChanges(t *testing.T) {
	for content, want := range map[string]Report{
		"1": {Unchanged: []string{"x/board.json"}},
		"2": {Written: []string{"x/board.json"}}, // it replaces obsgen's own work, not a person's
	} {
		dir := t.TempDir()
		mustWrite(t, dir, layout{"x/Board.json": "1"}.files())
		if err := os.Link(filepath.Join(dir, "x/Board.json"), filepath.Join(dir, "x/board.json")); err != nil {
			t.Skip(err)
		}
		diff(t, "report", want, mustWrite(t, dir, layout{"x/board.json": content}.files()))
		diff(t, "content", content, read(t, dir)["x/board.json"])
	}
}
