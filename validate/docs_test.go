package validate_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/obsgen/obsgen/internal/golden"
	"github.com/obsgen/obsgen/validate"
)

// TestDocs holds docs/checks against the checks.
func TestDocs(t *testing.T) {
	index := &strings.Builder{}
	fmt.Fprintf(index, "# Checks\n\nWhat `obsgen lint` finds in Prometheus rules and Grafana dashboards. `obsgen explain CHECK` prints the same.\n\n| Check | Severity | Finds |\n| --- | --- | --- |\n")
	pages := map[string]*strings.Builder{}
	var families []string
	for _, c := range validate.All() {
		family, name, _ := strings.Cut(c.ID, "/")
		if pages[family] == nil {
			pages[family] = &strings.Builder{}
			families = append(families, family)
			fmt.Fprintf(pages[family], "# Checks: %s\n\n[All checks](README.md)\n", family)
		}
		anchor := family + name
		fmt.Fprintf(index, "| [%s](%s.md#%s) | %s | %s |\n", c.ID, family, anchor, c.Level(), c.Title)
		p := pages[family]
		fmt.Fprintf(p, "\n## %s\n\n**%s** (%s). %s\n", c.ID, c.Title, c.Level(), c.Why)
		if c.Example.Wrong != "" {
			language := map[validate.Kind]string{validate.PromQL: "promql", validate.Alert: "yaml", validate.RuleFile: "yaml", validate.PanelOf: "json", validate.WholeBoard: "json"}[c.Example.Of]
			fmt.Fprintf(p, "\nWrong:\n\n```%s\n%s\n```\n\nRight:\n\n```%s\n%s\n```\n", language, strings.TrimRight(c.Example.Wrong, "\n"), language, strings.TrimRight(c.Example.Right, "\n"))
		}
		fmt.Fprintf(p, "\nSource: <%s>\n", c.Source)
	}
	golden.File(t, filepath.Join("..", "docs", "checks", "README.md"), []byte(index.String()))
	for _, f := range families {
		golden.File(t, filepath.Join("..", "docs", "checks", f+".md"), []byte(pages[f].String()))
	}
}
