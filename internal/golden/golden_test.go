package golden

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tb stands in for the test that compares, and keeps what it is told.
type tb struct {
	testing.TB
	said []string
}

func (t *tb) Helper() {}

func (t *tb) Errorf(format string, args ...any) {
	t.said = append(t.said, fmt.Sprintf(format, args...))
}

func (t *tb) Fatalf(format string, args ...any) {
	t.Errorf(format, args...)
	panic(t) // ends the call, as FailNow would
}

// told runs the comparison and returns what the test that asked for it was told.
func told(t *testing.T, compare func(testing.TB)) []string {
	t.Helper()
	fake := &tb{TB: t}
	func() {
		defer func() {
			if r := recover(); r != nil && r != any(fake) {
				panic(r)
			}
		}()
		compare(fake)
	}()
	return fake.said
}

// inPackage makes the package some/where of a fresh module the working directory.
func inPackage(t *testing.T, update, ci string) {
	t.Helper()
	root := t.TempDir()
	write(t, filepath.Join(root, "go.mod"), []byte("module example.org/m\n"))
	write(t, filepath.Join(root, "some", "where", "where.go"), []byte("package where\n"))
	t.Chdir(filepath.Join(root, "some", "where"))
	t.Setenv(variable, update)
	t.Setenv("CI", ci)
}

// matches asserts that each thing said matches its pattern, and that nothing else was said.
func matches(t *testing.T, said []string, patterns ...string) {
	t.Helper()
	if len(said) != len(patterns) {
		t.Fatalf("said %d things, want %d:\n%s", len(said), len(patterns), strings.Join(said, "\n"))
	}
	for i, p := range patterns {
		if !regexp.MustCompile(`(?s)` + p).MatchString(said[i]) {
			t.Errorf("said %q, want a match of %q", said[i], p)
		}
	}
}

func TestFile(t *testing.T) {
	const text = "groups:\n- name: a\n  rules:\n  - alert: A\n    expr: up == 0\n    for: 5m\n    labels:\n      severity: page\n"
	for name, c := range map[string]struct {
		update, ci, got string
		said            []string
		after           string
	}{
		"equal":        {got: text, after: text},
		"differs":      {got: strings.Replace(text, "for: 5m", "for: 9m", 1), said: []string{`rules\.yaml differs.*\n-    for: 5m\n\+    for: 9m\n.*\n\tOBSGEN_UPDATE=1 go test \./some/where$`}, after: text},
		"no text":      {got: "a\xff", said: []string{`rules\.yaml differs:\n\(-committed \+made now\)\n.*a\\xff`}, after: text},
		"update":       {update: "1", got: "new", after: "new"},
		"off":          {update: "0", got: "new", said: []string{`differs`}, after: text},
		"update in CI": {update: "1", ci: "true", got: "new", said: []string{`OBSGEN_UPDATE is set in CI`}, after: text},
	} {
		t.Run(name, func(t *testing.T) {
			inPackage(t, c.update, c.ci)
			path := filepath.Join("testdata", "rules.yaml")
			write(t, path, []byte(text))
			matches(t, told(t, func(t testing.TB) { File(t, path, []byte(c.got)) }), c.said...)
			if after, err := os.ReadFile(path); err != nil || string(after) != c.after {
				t.Errorf("afterwards the file holds %q, %v; want %q", after, err, c.after)
			}
		})
	}
}

func TestFileMissing(t *testing.T) {
	inPackage(t, "", "")
	said := told(t, func(t testing.TB) { File(t, "testdata/new.json", nil) })
	matches(t, said, `^testdata/new\.json is missing; write it with\n\tOBSGEN_UPDATE=1 go test \./some/where$`)
	t.Setenv(variable, "1")
	matches(t, told(t, func(t testing.TB) { File(t, "testdata/new.json", nil) }))
	t.Setenv(variable, "")
	matches(t, told(t, func(t testing.TB) { File(t, "testdata/new.json", nil) }))
}

func TestTree(t *testing.T) {
	committed := map[string][]byte{"MANIFEST": []byte("1\n"), "a/b/old.yaml": []byte("x\n"), "a/same.yaml": []byte("y\n")}
	made := map[string][]byte{"MANIFEST": []byte("2\n"), "a/same.yaml": []byte("y\n"), "c/new.yaml": []byte("z\n")}
	for name, c := range map[string]struct {
		update, ci string
		got, after map[string][]byte
		said       []string
	}{
		"equal": {got: committed, after: committed},
		"differs": {got: made, after: committed, said: []string{
			`^out/MANIFEST differs:.*\n-1\n\+2\n`,
			`^out/a/b/old\.yaml is committed, but no longer made$`,
			`^out/c/new\.yaml is missing$`,
			`of out are meant:\n\tOBSGEN_UPDATE=1 go test \./some/where$`,
		}},
		"update":       {update: "1", got: made, after: made},
		"update in CI": {update: "1", ci: "1", got: made, after: committed, said: []string{`set in CI`}},
		"nothing made": {update: "1", after: committed, said: []string{`nothing was made`}},
		"escapes":      {update: "1", got: map[string][]byte{"../where.go": nil}, after: committed, said: []string{`"\.\./where\.go" is no path below out`}},
	} {
		t.Run(name, func(t *testing.T) {
			inPackage(t, c.update, c.ci)
			for name, data := range committed {
				write(t, filepath.Join("out", name), data)
			}
			matches(t, told(t, func(t testing.TB) { Tree(t, "out", c.got) }), c.said...)
			if d := cmp.Diff(c.after, files(t, "out")); d != "" {
				t.Errorf("afterwards (-want +got):\n%s", d)
			}
		})
	}
}

func TestTreeRemovesEmptiedFolders(t *testing.T) {
	inPackage(t, "1", "")
	write(t, "out/a/b/old.yaml", nil)
	write(t, "out/a/kept.yaml", nil)
	matches(t, told(t, func(t testing.TB) { Tree(t, "./out/", map[string][]byte{"a/kept.yaml": nil}) }))
	if _, err := os.Stat("out/a/b"); !os.IsNotExist(err) {
		t.Errorf("out/a/b is still there: %v", err)
	}
}

func TestTreeSparesThePackage(t *testing.T) {
	for _, dir := range []string{".", "..", "../..", "../where"} {
		inPackage(t, "1", "")
		said := told(t, func(t testing.TB) { Tree(t, dir, map[string][]byte{"new": nil}) })
		matches(t, said, `holds the package under test`)
		if _, err := os.Stat("where.go"); err != nil {
			t.Errorf("Tree of %q removed the package: %v", dir, err)
		}
	}
}

func TestTreeMissing(t *testing.T) {
	inPackage(t, "", "")
	said := told(t, func(t testing.TB) { Tree(t, "testdata/none", map[string][]byte{"a": nil}) })
	matches(t, said, `^testdata/none/a is missing$`, `OBSGEN_UPDATE=1 go test \./some/where`)
}
