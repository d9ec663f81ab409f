package validate_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/obsgen/obsgen/validate"
)

// TestOneFileEach wants every check in the file of its name, and every such file in the list of checks.
func TestOneFileEach(t *testing.T) {
	files, err := filepath.Glob("check_*.go")
	if err != nil {
		t.Fatal(err)
	}
	left := map[string]bool{}
	for _, f := range files {
		left[f] = true
	}
	for _, c := range validate.All() {
		name := "check_" + strings.NewReplacer("/", "_", "-", "_").Replace(c.ID) + ".go"
		if !left[name] {
			t.Errorf("%s is not in %s", c.ID, name)
			continue
		}
		delete(left, name)
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(regexp.MustCompile(`= &Check\{`).FindAll(text, -1)); n != 1 {
			t.Errorf("%s has %d checks", name, n)
		}
	}
	for f := range left {
		t.Errorf("%s has no check that All returns", f)
	}
}
