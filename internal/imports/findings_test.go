package imports

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/instrument/conform"
	"github.com/obsgen/obsgen/validate"
)

// findingID is the form of a finding's id.
var findingID = regexp.MustCompile(`^[a-z]+/[a-z]+(-[a-z]+)*$`)

// notFindings are texts of that form that are something else: media types, units and paths.
var notFindings = regexp.MustCompile(`^(?:application|text)/|/s(?:ec)?$|^(?:obsgen/instrument|restricted/keys|web/dist|grafana/dashboards)$`)

// TestFindingsAreDocumented wants a diag.Doc for every id in the source: what has none can be neither explained nor switched off.
func TestFindingsAreDocumented(t *testing.T) {
	m := mustLoad(t)
	docs := diag.Merge(validate.Docs(), conform.Docs)
	known := map[string]bool{}
	for _, d := range docs {
		known[d.ID] = true
		for _, d := range slices.Concat([]diag.Doc{d}, declared(d)) {
			if !findingID.MatchString(d.ID) || d.Title == "" || d.Why == "" || !strings.HasPrefix(d.Source, "https://") {
				t.Errorf("%s is not documented", d.ID)
			}
			if strings.HasSuffix(d.Title, ".") || !strings.HasSuffix(d.Why, ".") || strings.HasSuffix(d.Essential, ".") {
				t.Errorf("%s: the reason ends in a full stop, title and Essential do not", d.ID)
			}
			if d.Essential != "" && d.Severity != diag.Error {
				t.Errorf("%s cannot be switched off and is no error", d.ID)
			}
		}
	}
	used, problems := findingIDs(m.sources)
	for _, p := range problems {
		t.Error(p)
	}
	for _, id := range slices.Sorted(maps.Keys(used)) {
		if !known[id] {
			t.Errorf("%s: the finding %s has no diag.Doc: add one to the Docs of the package", used[id], id)
		}
	}
	for _, d := range docs {
		if used[d.ID] == "" {
			t.Errorf("nothing reports %s, which has a diag.Doc", d.ID)
		}
	}
}

func declared(d diag.Doc) []diag.Doc {
	if d.Declared == nil {
		return nil
	}
	return []diag.Doc{*d.Declared}
}

// TestFindingIDsAreSeen plants ids that the walk must find, and ways to build one that it must refuse.
func TestFindingIDsAreSeen(t *testing.T) {
	used, problems := findingIDs(map[string][]byte{"p/a.go": []byte("package p\n" +
		"func report(at int, id, message string) {}\n" +
		"func f(what string) {\n" +
		"\treport(1, \"alert/forgotten\", \"m\")\n" +
		"\treport(1, what+\"/duplicate\", \"m\")\n" +
		"\treport(1, what, \"application/json\")\n" +
		"\t_ = diag.Finding{ID: fmt.Sprintf(\"%s/never\", what)}\n" +
		"\t_ = diag.Finding{ID: what, Message: \"a\" + what}\n" +
		"\tsay := func(id string) {}\n" +
		"\tsay(\"a\" + what)\n" +
		"}\n"), "p/b.go": []byte("package p\nfunc g(what string) { report(1, \"x/\"+what, \"m\") }\n")})
	if len(used) != 1 || used["alert/forgotten"] != "p/a.go:4" {
		t.Errorf("ids %v", used)
	}
	want := []string{"p/a.go:5", "p/a.go:7", "p/a.go:10", "p/b.go:2"}
	if len(problems) != len(want) {
		t.Fatalf("problems %q, want those of %q", problems, want)
	}
	for i, at := range want {
		if !strings.HasPrefix(problems[i], at+": ") {
			t.Errorf("problem %q, want one at %s", problems[i], at)
		}
	}
}

// findingIDs returns where each id stands in sources, outside of the Docs and of the table of checks, and what is passed as one
// and is built at run time, so that no walk can see it.
func findingIDs(sources map[string][]byte) (used map[string]string, problems []string) {
	used = map[string]string{}
	files := map[string]map[string]*ast.File{} // by package and name
	set := token.NewFileSet()
	for _, name := range slices.Sorted(maps.Keys(sources)) {
		f, err := parser.ParseFile(set, name, sources[name], parser.SkipObjectResolution)
		if err != nil {
			problems = append(problems, err.Error())
			continue
		}
		dir := path.Dir(name)
		if files[dir] == nil {
			files[dir] = map[string]*ast.File{}
		}
		files[dir][name] = f
	}
	for _, dir := range slices.Sorted(maps.Keys(files)) {
		takers := map[taking]int{} // which parameter is the id
		for _, f := range files[dir] {
			ast.Inspect(f, func(n ast.Node) bool { taker(n, takers); return true })
		}
		for _, name := range slices.Sorted(maps.Keys(files[dir])) {
			at := func(n ast.Node) string { return name + ":" + strconv.Itoa(set.Position(n.Pos()).Line) }
			built := func(e ast.Expr) {
				switch e.(type) {
				case *ast.BinaryExpr, *ast.CallExpr:
					problems = append(problems, at(e)+": an id that is built at run time: write it out, so that its diag.Doc can be found")
				}
			}
			ast.Inspect(files[dir][name], func(n ast.Node) bool {
				switch x := n.(type) {
				case *ast.ImportSpec:
					return false
				case *ast.CompositeLit:
					if s, ok := x.Type.(*ast.SelectorExpr); ok && s.Sel.Name == "Doc" {
						return false
					} else if a, ok := x.Type.(*ast.ArrayType); ok {
						if s, ok := a.Elt.(*ast.SelectorExpr); ok && s.Sel.Name == "Doc" {
							return false
						}
					}
				case *ast.KeyValueExpr:
					if k, ok := x.Key.(*ast.Ident); ok && k.Name == "ID" {
						built(x.Value)
					}
				case *ast.CallExpr:
					if i, ok := takers[taking{called(x.Fun), len(x.Args)}]; ok {
						built(x.Args[i])
					}
				case *ast.BasicLit:
					if text, err := strconv.Unquote(x.Value); err == nil && x.Kind == token.STRING && findingID.MatchString(text) && !notFindings.MatchString(text) && used[text] == "" {
						used[text] = at(x)
					}
				}
				return true
			})
		}
	}
	return used, problems
}

// taking is a function of a package by its name and number of parameters: those within others are called alike.
type taking struct {
	name   string
	params int
}

// taker notes a function that has a parameter called id.
func taker(n ast.Node, takers map[taking]int) {
	name, typ := "", (*ast.FuncType)(nil)
	switch x := n.(type) {
	case *ast.FuncDecl:
		name, typ = x.Name.Name, x.Type
	case *ast.AssignStmt:
		if id, ok := x.Lhs[0].(*ast.Ident); ok {
			if f, ok := x.Rhs[0].(*ast.FuncLit); ok {
				name, typ = id.Name, f.Type
			}
		}
	}
	if typ == nil {
		return
	}
	i, id := 0, -1
	for _, field := range typ.Params.List {
		for _, p := range field.Names {
			if t, ok := field.Type.(*ast.Ident); ok && p.Name == "id" && t.Name == "string" {
				id = i
			}
			i++
		}
	}
	if id >= 0 {
		takers[taking{name, i}] = id
	}
}

// called returns the name of the function that is called.
func called(e ast.Expr) string {
	switch f := e.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}
