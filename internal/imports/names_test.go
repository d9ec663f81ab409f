package imports

import (
	"fmt"
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

	"github.com/google/go-cmp/cmp"
)

// A metric's name stands where the metric is declared; all else takes the declared value, so that a
// rename is one edit and a misspelt name does not compile.
func TestMetricNamesAreWrittenOnce(t *testing.T) {
	m := mustLoad(t)
	n, err := readNames(m.path, m.sources)
	if err != nil {
		t.Fatal(err)
	}
	if len(n.declared) == 0 {
		t.Fatal("no declaration of a metric found: have the constructors of catalog other names now?")
	}
	for _, problem := range n.repeated() {
		t.Error(problem)
	}
}

// names is what the string literals of a module hold.
type names struct {
	declared map[string]bool             // names that a constructor of catalog was given
	written  map[string][]token.Position // where each word stands, in order
}

// word is what can be the name of a metric.
var word = regexp.MustCompile(`[a-zA-Z_:][a-zA-Z0-9_:]*`)

// readNames reads Go sources, by slash-separated path, of the module with the given path.
func readNames(module string, sources map[string][]byte) (*names, error) {
	n := &names{declared: map[string]bool{}, written: map[string][]token.Position{}}
	for _, name := range slices.Sorted(maps.Keys(sources)) {
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, name, sources[name], parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		catalog := catalogName(module, file)
		ast.Inspect(file, func(node ast.Node) bool {
			switch node := node.(type) {
			case *ast.ImportSpec:
				return false
			case *ast.CallExpr:
				if constructs(node.Fun, catalog, path.Dir(name)) && len(node.Args) > 1 {
					if text, ok := literal(node.Args[1]); ok {
						n.declared[text] = true
						if !distinct(text) {
							n.written[text] = append(n.written[text], fset.Position(node.Args[1].Pos()))
						}
					}
				}
			case *ast.BasicLit:
				if text, ok := literal(node); ok {
					n.add(text, fset.Position(node.Pos()))
				}
			}
			return true
		})
	}
	return n, nil
}

// add notes the words of one literal that are distinct.
func (n *names) add(text string, at token.Position) {
	for _, w := range word.FindAllString(text, -1) {
		if distinct(w) {
			n.written[w] = append(n.written[w], at)
		}
	}
}

// distinct reports whether a word cannot be taken for one of prose. The name of the metric "up" can: as
// the name of its own state, or in "wake up", so such names are noted only where they are declared.
func distinct(w string) bool { return strings.ContainsAny(w, "_:") }

// repeated returns a problem for each declared name that is written more than once.
func (n *names) repeated() []string {
	var problems []string
	for _, name := range slices.Sorted(maps.Keys(n.declared)) {
		places := n.written[name]
		if len(places) < 2 {
			continue
		}
		text := fmt.Sprintf("%s is written %d times; keep the declaration and use its value elsewhere:", name, len(places))
		for _, at := range places {
			text += "\n\t" + at.String()
		}
		problems = append(problems, text)
	}
	return problems
}

// catalogName returns the name by which a file imports the module's catalog, "" if it does not.
func catalogName(module string, file *ast.File) string {
	for _, spec := range file.Imports {
		if imported, _ := literal(spec.Path); imported != module+"/catalog" {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name
		}
		return "catalog"
	}
	return ""
}

// constructs reports whether a called function, in a file of the folder dir that knows catalog by the
// given name, declares a metric.
func constructs(fun ast.Expr, catalog, dir string) bool {
	switch f := fun.(type) {
	case *ast.IndexExpr: // explicit type argument
		return constructs(f.X, catalog, dir)
	case *ast.Ident:
		return (dir == "catalog" || catalog == ".") && constructor(f.Name)
	case *ast.SelectorExpr:
		pkg, ok := f.X.(*ast.Ident)
		return ok && catalog != "" && pkg.Name == catalog && constructor(f.Sel.Name)
	}
	return false
}

func constructor(name string) bool {
	return name == "NewCounter" || name == "NewGauge" || name == "NewHistogram"
}

// literal returns the value of a string literal.
func literal(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(lit.Value)
	return text, err == nil
}

func TestRepeatedNames(t *testing.T) {
	const declaration = `package metrics

import c "example.org/m/catalog"

var (
	Total = c.NewCounter(g, "app_requests_total", set, c.Spec{Help: "Requests."})
	Seen  = c.NewGauge[Labels](g, "app_seen", set, c.Spec{Help: "Things seen."})
	Took  = c.NewHistogram(g, "app_took_seconds", set, c.Spec{})
	Up    = c.NewGauge(g, "up", set, c.Spec{})
)
`
	for name, c := range map[string]struct {
		other string
		want  []string
	}{
		"once": {other: "package other // app_requests_total\n\nvar s = \"app_requests_total_other, app_took_seconds_bucket, wake up\"\n"},
		"a literal": {
			other: "package other\n\nvar s = `app_seen`\n",
			want:  []string{"app_seen is written 2 times; keep the declaration and use its value elsewhere:\n\tmetrics/metrics.go:7:32\n\tother/other.go:3:9"},
		},
		"in a query, twice": {
			other: "package other\n\nfunc f() string {\n\treturn \"rate(app_requests_total[5m]) / app_requests_total\"\n}\n",
			want: []string{"app_requests_total is written 3 times; keep the declaration and use its value elsewhere:" +
				"\n\tmetrics/metrics.go:6:26\n\tother/other.go:4:9\n\tother/other.go:4:9"},
		},
		"one word": {other: "package other\n\nvar s = \"up\"\n"},
		"one word, declared twice": {
			other: "package other\n\nimport \"example.org/m/catalog\"\n\nvar s = catalog.NewGauge(g, \"up\", set, spec)\n",
			want:  []string{"up is written 2 times; keep the declaration and use its value elsewhere:\n\tmetrics/metrics.go:9:24\n\tother/other.go:5:29"},
		},
		"declared twice": {
			other: "package other\n\nimport \"example.org/m/catalog\"\n\nvar s = catalog.NewGauge(g, \"app_seen\", set, spec)\n",
			want:  []string{"app_seen is written 2 times; keep the declaration and use its value elsewhere:\n\tmetrics/metrics.go:7:32\n\tother/other.go:5:29"},
		},
		"another's constructor": {
			other: "package other\n\nvar a, b = prometheus.NewGauge(g, \"x_y\"), \"x_y\"\n\nvar c, d = NewGauge(g, \"x_z\"), \"x_z\"\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			n, err := readNames("example.org/m", map[string][]byte{
				"metrics/metrics.go": []byte(declaration),
				"other/other.go":     []byte(c.other),
			})
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, n.repeated()); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
	if _, err := readNames("example.org/m", map[string][]byte{"a.go": []byte("package")}); err == nil {
		t.Error("no error for a source that does not parse")
	}
}
