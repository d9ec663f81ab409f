package imports

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// reads and writes are the calls that go around internal/file, which neither waits for a pipe nor replaces a link.
var reads = regexp.MustCompile(`\b(?:os\.(?:ReadFile|Open|OpenFile|WriteFile|Create)|io\.ReadAll|renameio\.\w+)\(`)

// ownFiles are the files and packages that may: what they read and write is their own, and nobody names it.
var ownFiles = map[string]string{
	"internal":             "internal/file itself, test kits and the tools of CI",
	"mockforge/mockforged": "a server, whose files are its operator's",
	"simulate/testing.go":  "it is for tests",
	"simulate/block.go":    "it writes a block into a folder of its own",
	"cli/handed.go":        "it writes into a scratch folder",
	"cli/preview.go":       "it writes into a scratch folder",
	"cli/sim/prove.go":     "it writes into a scratch folder",
}

func TestFilesAreReadInOnePlace(t *testing.T) {
	m := mustLoad(t)
	used := map[string]bool{}
	for _, path := range slices.Sorted(maps.Keys(m.sources)) {
		call := reads.Find(m.sources[path])
		if call == nil {
			continue
		}
		own := ""
		for name := range ownFiles {
			if path == name || strings.HasPrefix(path, name+"/") {
				own = name
			}
		}
		if used[own] = true; own == "" {
			t.Errorf("%s calls %s…): read and write files by internal/file", path, call)
		}
	}
	for name := range ownFiles {
		if !used[name] {
			t.Errorf("%s is allowed to, and does not", name)
		}
	}
}
