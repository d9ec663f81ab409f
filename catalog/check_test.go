package catalog_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/diag"
)

// expectation is what the comment of one line of fixture_test.go says.
type expectation struct {
	line int
	want []*regexp.Regexp
	ids  []string // of want
	not  []string // ids that must not be found there
}

func expectations(t *testing.T, file string) []expectation {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out []expectation
	line := 0
	for text := range strings.Lines(string(src)) {
		line++
		_, comment, ok := strings.Cut(text, "// ")
		if !ok || strings.HasPrefix(text, "//") {
			continue
		}
		e := expectation{line: line}
		if ids, ok := strings.CutPrefix(comment, "never "); ok {
			e.not = strings.Fields(ids)
		}
		for rest, ok := strings.CutPrefix(comment, "want "); ok && strings.TrimSpace(rest) != ""; {
			quoted, err := strconv.QuotedPrefix(strings.TrimSpace(rest))
			if err != nil {
				t.Fatalf("%s:%d: %v in %s", file, line, err, comment)
			}
			rest = strings.TrimSpace(rest)[len(quoted):]
			pattern, _ := strconv.Unquote(quoted)
			e.want = append(e.want, regexp.MustCompile(pattern))
			id, _, _ := strings.Cut(pattern, ":")
			e.ids = append(e.ids, id)
		}
		out = append(out, e)
	}
	return out
}

// TestFixture compares the findings of the fixture's catalog with its comments. All faults are found in
// one run, each exactly once.
func TestFixture(t *testing.T) {
	found := map[int][]diag.Finding{}
	for _, f := range shop.Check() {
		if f.At.File != "catalog/fixture_test.go" {
			t.Errorf("%s lies outside the fixture", f)
		}
		found[f.At.Line] = append(found[f.At.Line], f)
	}
	for _, e := range expectations(t, "fixture_test.go") {
		for _, id := range e.not {
			for _, f := range found[e.line] {
				if f.ID == id {
					t.Errorf("unexpected: %s", f)
				}
			}
		}
		for _, re := range e.want {
			i := slices.IndexFunc(found[e.line], func(f diag.Finding) bool { return re.MatchString(f.ID + ": " + f.Message) })
			if i < 0 {
				t.Errorf("fixture_test.go:%d: no finding matches %q", e.line, re)
				continue
			}
			f := found[e.line][i]
			if f.Mend == "" || f.Subject == "" && f.ID != "metric/name" {
				t.Errorf("%s: says neither what is concerned (%q) nor what to do (%q)", f, f.Subject, f.Mend)
			}
			found[e.line] = slices.Delete(found[e.line], i, i+1)
		}
	}
	for _, fs := range found {
		for _, f := range fs {
			t.Errorf("unexpected: %s", f)
		}
	}
}

// TestEveryFindingHasFixtures asserts that each id that check.go can report has a declaration that
// draws it and one that does not, and that the fixture speaks of no other ids.
func TestEveryFindingHasFixtures(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "check.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	reported := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && strings.HasPrefix(lit.Value, `"metric/`) {
			reported[strings.Trim(lit.Value, `"`)] = true
		}
		return true
	})
	fires, silent := map[string]bool{}, map[string]bool{}
	for _, e := range expectations(t, "fixture_test.go") {
		for _, id := range e.ids {
			fires[id] = true
		}
		for _, id := range e.not {
			silent[id] = true
		}
	}
	if d := cmp.Diff(reported, fires); d != "" {
		t.Errorf("ids of check.go (-) and of `want` comments (+):\n%s", d)
	}
	if d := cmp.Diff(reported, silent); d != "" {
		t.Errorf("ids of check.go (-) and of `never` comments (+):\n%s", d)
	}
}

// TestCheckIsOrdered asserts that findings come in the order of the source, and the same each time.
func TestCheckIsOrdered(t *testing.T) {
	first := shop.Check()
	if !slices.IsSortedFunc(first, func(a, b diag.Finding) int { return a.At.Line - b.At.Line }) {
		t.Error("findings are not in the order of the source")
	}
	if d := cmp.Diff(first, shop.Check()); d != "" {
		t.Errorf("a second Check differs:\n%s", d)
	}
}

var (
	positions = catalog.NewGroup("Positions", catalog.GroupSpec{Owner: "t"})
	plain     = catalog.NewCounter(positions, "p_total", catalog.None{}, catalog.Spec{})
	generic   = catalog.NewGauge[catalog.None](positions,
		"p", catalog.None{},
		catalog.Spec{})
	open    = catalog.AtMost[till](1, "open", "Explicit instance.")
	closed  = catalog.OneOf("closed", "Inferred instance.", east)
	matcher = open.
		Matches("e.*")
)

func TestPositions(t *testing.T) {
	declared := catalog.Declare(positions, catalog.KindGauge, "q", nil, catalog.Spec{})
	for _, c := range []struct {
		what string
		site diag.Site
		want string
	}{
		{"group", positions.Site, "catalog/check_test.go:144:14"},
		{"counter", plain.Site, "catalog/check_test.go:145:14"},
		{"gauge over several lines", generic.Site, "catalog/check_test.go:146:14"},
		{"open label", open.Site, "catalog/check_test.go:149:12"},
		{"closed label", closed.Site, "catalog/check_test.go:150:12"},
		{"matcher", matcher.Site, "catalog/check_test.go:152:3"},
		{"declared at run time", declared.Site, "catalog/check_test.go:156:14"},
		{"catalog", shop.Site, "catalog/fixture_test.go:14:9"},
	} {
		if got := c.site.Position().String(); got != c.want {
			t.Errorf("%s is at %s, want %s", c.what, got, c.want)
		}
	}
}

// TestConstructorsAreNotInlined asserts that every exported function that takes its caller's position is
// marked go:noinline; without it the position is lost once the compiler finds the function small enough.
func TestConstructorsAreNotInlined(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || !fn.Name.IsExported() || !takesPosition(fn) {
				continue
			}
			seen++
			if fn.Doc == nil || !slices.ContainsFunc(fn.Doc.List, func(c *ast.Comment) bool { return c.Text == "//go:noinline" }) {
				t.Errorf("%s: %s takes its caller's position and may be inlined", name, fn.Name.Name)
			}
		}
	}
	if seen < 15 { // three kinds of label and of metric, six matchers, group, catalog and Declare
		t.Errorf("only %d functions take a position", seen)
	}
}

func takesPosition(fn *ast.FuncDecl) bool {
	takes := false
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok && (s.Sel.Name == "Here" || s.Sel.Name == "matcher") {
			takes = true
		}
		return true
	})
	return takes
}

// TestRelated asserts that a finding about two declarations points at the other one.
func TestRelated(t *testing.T) {
	want := map[string]string{ // id of a finding → source text at the related position
		"metric/duplicate":       `catalog.NewCounter(orders, "shop_orders_total"`,
		"metric/suffix-clash":    `catalog.NewHistogram(orders, "shop_visit"`,
		"metric/duplicate-label": `catalog.OneOf("till", "Till.", east, west, east)`,
		"metric/label-name":      `catalog.AtMost[dashed]`,
	}
	src, err := os.ReadFile("fixture_test.go")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(src), "\n")
	for _, f := range shop.Check() {
		text, ok := want[f.ID]
		if !ok {
			continue
		}
		delete(want, f.ID)
		if len(f.Related) != 1 {
			t.Errorf("%s has %d related places, want 1", f, len(f.Related))
			continue
		}
		at := f.Related[0].At
		if got := lines[at.Line-1][at.Col-1:]; !strings.HasPrefix(got, text) {
			t.Errorf("%s points at %q, want %q", f, got, text)
		}
	}
	for id := range want {
		t.Errorf("no finding %s", id)
	}
}
