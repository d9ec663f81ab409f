package catalog_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
)

// TestMustNotCompile builds programs that misuse labels, label sets and kinds, and compares what the
// compiler says with their `want` comments.
func TestMustNotCompile(t *testing.T) {
	cases, err := filepath.Glob("testdata/mustnotcompile/*/main.go")
	if err != nil || len(cases) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	message := regexp.MustCompile(`(?m)^\S*main\.go:(\d+):\d+: (.*)$`)
	for _, file := range cases {
		dir := filepath.Dir(file)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			// -e: all errors, not the first ten
			out, err := exec.Command("go", "build", "-gcflags=-e", "-o", os.DevNull, "./"+filepath.ToSlash(dir)).CombinedOutput()
			if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) {
				t.Fatalf("the program compiles: %v\n%s", err, out)
			}
			said := map[int]string{}
			for _, m := range message.FindAllStringSubmatch(string(out), -1) {
				line, _ := strconv.Atoi(m[1])
				said[line] += m[2]
			}
			for _, e := range expectations(t, file) {
				for _, re := range e.want {
					if !re.MatchString(said[e.line]) {
						t.Errorf("%s:%d: the compiler says %q, want %q", file, e.line, said[e.line], re)
					}
				}
				if len(e.want) > 0 {
					delete(said, e.line)
				}
			}
			for line, text := range said {
				t.Errorf("%s:%d: unexpected: %s", file, line, text)
			}
		})
	}
}
