package validate_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/instrument/conform"
	"github.com/obsgen/obsgen/internal/golden"
	"github.com/obsgen/obsgen/validate"
)

// TestDocs holds docs/checks against the registry of findings.
func TestDocs(t *testing.T) {
	index := &strings.Builder{}
	fmt.Fprintf(index, `# Checks

What obsgen finds in Prometheus rules and Grafana dashboards, in declarations in Go, and in what a service exposes.
%[1]sobsgen explain CHECK%[1]s prints the same. Of each finding, %[1]slint.off%[1]s of obsgen.yaml takes the reason why it is off, and
%[1]slint.severities%[1]s another severity; those that are marked "always" stay as they are, since nothing can be built from a
declaration that has one.

| Check | Severity | Finds |
| --- | --- | --- |
`, "`")
	pages := map[string]*strings.Builder{}
	var families []string
	for _, d := range diag.Merge(validate.Docs(), conform.Docs) {
		family, name, _ := strings.Cut(d.ID, "/")
		if pages[family] == nil {
			pages[family] = &strings.Builder{}
			families = append(families, family)
			fmt.Fprintf(pages[family], "# Checks: %s\n\n[All checks](README.md)\n", family)
		}
		anchor := family + name
		fmt.Fprintf(index, "| [%s](%s.md#%s) | %s | %s |\n", d.ID, family, anchor, d.Level(), d.Title)
		p := pages[family]
		fmt.Fprintf(p, "\n## %s\n", d.ID)
		section(p, d, "")
		if d.Declared != nil {
			section(p, *d.Declared, "In Go: ")
		}
	}
	golden.File(t, filepath.Join("..", "docs", "checks", "README.md"), []byte(index.String()))
	for _, f := range families {
		golden.File(t, filepath.Join("..", "docs", "checks", f+".md"), []byte(pages[f].String()))
	}
}

func section(p *strings.Builder, d diag.Doc, where string) {
	fmt.Fprintf(p, "\n%s**%s** (%s). %s\n", where, d.Title, d.Level(), d.Why)
	if d.Example.Wrong != "" {
		language := map[diag.Form]string{
			diag.PromQL: "promql", diag.Alert: "yaml", diag.RuleFile: "yaml", diag.PanelOf: "json", diag.WholeBoard: "json", diag.Declared: "go",
		}[d.Example.Of]
		fmt.Fprintf(p, "\nWrong:\n\n```%s\n%s\n```\n\nRight:\n\n```%s\n%s\n```\n", language, strings.TrimRight(d.Example.Wrong, "\n"), language, strings.TrimRight(d.Example.Right, "\n"))
	}
	if d.Essential != "" {
		fmt.Fprintf(p, "\nIt can be neither switched off nor lowered: %s.\n", d.Essential)
	}
	fmt.Fprintf(p, "\nSource: <%s>\n", d.Source)
}
