package unit

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/obsgen/obsgen/internal/golden"
)

// The list is that of the SDK, whose package of constants cannot be asked at run time.
func TestUnitsAreThoseOfTheSDK(t *testing.T) {
	const units = "github.com/grafana/grafana-foundation-sdk/go/units"
	dir, err := exec.Command("go", "list", "-f", "{{.Dir}}", units).Output()
	if err != nil {
		t.Fatalf("go list %s: %v", units, err)
	}
	files, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(dir)), "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no source of %s in %s: %v", units, dir, err)
	}
	var ids []string
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if s, ok := n.(*ast.BasicLit); ok && s.Kind == token.STRING {
				id, err := strconv.Unquote(s.Value)
				if err != nil {
					t.Fatal(err)
				}
				ids = append(ids, id)
			}
			return true
		})
	}
	slices.Sort(ids)
	golden.File(t, "grafana.txt", []byte(strings.Join(slices.Compact(ids), "\n")+"\n"))
	if !IsGrafanaID("percentunit") || IsGrafanaID("zzz") {
		t.Error("percentunit is not among them, or zzz is")
	}
}
