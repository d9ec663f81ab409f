package validate_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestWant lints annotated files: behind each line stands, in a comment, what is found there and nothing else is.
func TestWant(t *testing.T) {
	files, err := filepath.Glob("testdata/want/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no annotated files", err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		found := map[int][]string{}
		for _, f := range lint([2]string{name, string(data)}) {
			if !slices.Contains(found[f.At.Line], f.ID) {
				found[f.At.Line] = append(found[f.At.Line], f.ID)
			}
		}
		for i, line := range strings.Split(string(data), "\n") {
			var want []string
			if _, comment, ok := strings.Cut(line, " # want "); ok {
				want = strings.Split(comment, ", ")
			}
			got := found[i+1]
			slices.Sort(want)
			slices.Sort(got)
			if !slices.Equal(want, got) {
				t.Errorf("%s:%d: found %q, want %q\n\t%s", name, i+1, got, want, strings.TrimSpace(line))
			}
		}
	}
}
