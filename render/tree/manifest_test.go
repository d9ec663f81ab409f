package tree

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func line(p, content string) string {
	return fmt.Sprintf("sha256:%x  %s\n", sha256.Sum256([]byte(content)), p)
}

func TestParseRecordErrors(t *testing.T) {
	head := manifestHead + "\n"
	tests := []struct {
		name, text, want string
	}{
		{"empty", "", `MANIFEST:1: the file is empty`},
		{"another's", "include README.md\n", `MANIFEST:1: the first line does not begin with "# obsgen manifest 1:"`},
		{"newer", "# obsgen manifest 2: lines\n", `MANIFEST:1: the first line does not begin with "# obsgen manifest 1:"`},
		{"journal", journalHead + "\n", `MANIFEST:1: the first line does not begin with "# obsgen manifest 1:"`},
		{"cut off", head + line("a", "")[:40], `MANIFEST:2: the last line is cut off`},
		{"cut off in the head", manifestHead, `MANIFEST:1: the last line is cut off`},
		{"CR LF", strings.ReplaceAll(head+line("a", ""), "\n", "\r\n"), "MANIFEST:1: the line ends in CR LF; if git rewrote it, put `* -text` into the tree's .gitattributes"},
		{"merge conflict", head + "<<<<<<< HEAD\n", `MANIFEST:2: the file holds a merge conflict; take either side of it and build again`},
		{"blank line", head + "\n", `MANIFEST:2: not of the form "sha256:<digest>  <path>"`},
		{"one space", head + "sha256:00 a\n", `MANIFEST:2: not of the form "sha256:<digest>  <path>"`},
		{"other hash", head + "md5:00  a\n", `MANIFEST:2: not of the form "sha256:<digest>  <path>"`},
		{"short digest", head + "sha256:00  a\n", `MANIFEST:2: the digest is not 64 hexadecimal digits`},
		{"no hex", head + strings.Replace(line("a", ""), "e", "x", 1), `MANIFEST:2: the digest is not 64 hexadecimal digits`},
		{"no path", head + line("", ""), `MANIFEST:2: "" cannot be a file of the tree: ` + string(Malformed)},
		{"parent", head + line("a", "") + line("../../etc/passwd", ""), `MANIFEST:3: "../../etc/passwd" cannot be a file of the tree: the path leaves the tree`},
		{"absolute", head + line("/etc/passwd", ""), `MANIFEST:2: "/etc/passwd" cannot be a file of the tree: the path leaves the tree`},
		{"NUL", head + line("a\x00b", ""), `MANIFEST:2: "a\x00b" cannot be a file of the tree: ` + string(Malformed)},
		{"backslash", head + line(`..\..\a`, ""), `MANIFEST:2: "..\\..\\a" cannot be a file of the tree: ` + string(Malformed)},
		{"itself", head + line("MANIFEST", ""), `MANIFEST:2: "MANIFEST" cannot be a file of the tree: ` + string(Reserved)},
		{"twice", head + line("a", "1") + line("a", "2"), `MANIFEST:3: a is listed twice`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := parseRecord("MANIFEST", manifestHead, []byte(tt.text))
			if err == nil {
				t.Fatal("no error")
			}
			got, way, _ := strings.Cut(err.Error(), "; restore the file from version control, or delete it")
			if got != tt.want || way == "" {
				t.Errorf("got error %s\nwant %s; restore…", err, tt.want)
			}
			dir := t.TempDir()
			layout{"a": "1", manifestName: tt.text}.put(t, dir)
			want := readAll(t, dir)
			if _, err := Write(dir, layout{"a": "1", "b": "2"}.files(), Options{Force: true}); err == nil ||
				!strings.HasPrefix(err.Error(), dir+string(filepath.Separator)+got) {
				t.Errorf("Write: got error %v, want %s", err, tt.want)
			}
			if _, err := Check(dir, "", nil); err == nil {
				t.Error("Check reads it")
			}
			diff(t, "tree", want, readAll(t, dir))
		})
	}
}

func TestParseRecord(t *testing.T) {
	a, b := entry{"a  b", sha256.Sum256([]byte("1"))}, entry{"ä/ö #1.json", sha256.Sum256([]byte("2"))}
	other := entry{"a  b", sha256.Sum256([]byte("3"))}
	for _, head := range []string{manifestHead, journalHead} {
		want := []entry{a, b}
		if head == journalHead {
			want = []entry{other, a, b} // of one path the smaller digest first
		}
		text := formatRecord(head, "", []entry{b, want[0], a, b})
		got, err := parseRecord("x", head, text)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want) {
			t.Errorf("got %v, want %v, from\n%s", got, want, text)
		}
	}
	text := manifestHead + "\n# a remark\n" + line("z", "") + line("a", "")
	got, err := parseRecord("x", manifestHead, []byte(text))
	if err != nil || len(got) != 2 {
		t.Errorf("remark and unsorted lines: got %v, error %v", got, err)
	}
}

func FuzzParseRecord(f *testing.F) {
	f.Add([]byte(manifestHead + "\n" + line("a/b.yaml", "1") + line("c", "2")))
	f.Add([]byte(manifestHead + "\n" + line("../x", "1")))
	f.Add([]byte(journalHead + "\n" + line("a", "1") + line("a", "2")))
	f.Add([]byte("# obsgen manifest 1:\n#\n<<<<<<< HEAD\r\n"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, head := range []string{manifestHead, journalHead} {
			entries, err := parseRecord("MANIFEST", head, data)
			if err != nil {
				if !strings.HasPrefix(err.Error(), "MANIFEST:") {
					t.Errorf("error without a position: %v", err)
				}
				continue
			}
			paths := map[string]bool{}
			for _, e := range entries {
				paths[e.path] = true
				if !filepath.IsLocal(e.path) || !fs.ValidPath(e.path) || strings.ContainsAny(e.path, "\x00\\\n") || fold(e.path) == "manifest" {
					t.Errorf("took the path %q", e.path)
				}
			}
			if head == manifestHead && len(paths) != len(entries) {
				t.Errorf("%d lines for the paths %q", len(entries), slices.Sorted(maps.Keys(paths)))
			}
			text := formatRecord(head, "", entries)
			again, err := parseRecord("MANIFEST", head, text)
			if err != nil {
				t.Fatalf("cannot read back:\n%s\n%v", text, err)
			}
			if string(formatRecord(head, "", again)) != string(text) {
				t.Errorf("not stable:\n%s", text)
			}
		}
	})
}
