// Package optional skips the tests that not every run needs: those over public files that are not part of the repository, and
// those that take minutes. CI runs all of them.
package optional

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/obsgen/obsgen/internal/toolchain"
)

const (
	corpusVariable = "OBSGEN_CORPUS" // the directory, or a name of none
	slowVariable   = "OBSGEN_SLOW"
)

// Corpus returns the path of a file or directory of the corpus, and skips the test where there is no corpus. The names of these
// tests say Corpus: CI runs the others without one, so that nothing outside of the repository decides whether they pass.
func Corpus(t testing.TB, elem ...string) string {
	t.Helper()
	if name := t.Name(); !strings.Contains(name, "Corpus") {
		t.Fatalf("%s reads the corpus, and its name does not say so", name)
	}
	root := os.Getenv(corpusVariable)
	if root == "" {
		module, err := toolchain.ModuleRoot()
		if err != nil {
			t.Fatal(err)
		}
		root = filepath.Join(module, "..", "shared", "corpus")
	}
	if _, err := os.Stat(root); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("the corpus is absent: %s", filepath.Base(root))
	}
	path := filepath.Join(append([]string{root}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		t.Fatal(err)
	}
	return path
}

// Slow skips a test that takes minutes unless OBSGEN_SLOW is set.
func Slow(t testing.TB) {
	t.Helper()
	if os.Getenv(slowVariable) == "" {
		t.Skipf("it takes minutes, and %s is not set", slowVariable)
	}
}
