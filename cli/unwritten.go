package cli

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/internal/file"
)

// unwritten returns the metrics of a catalog that no Go code of a folder makes a handle of, without those that the catalog
// says nothing writes. What a handle is made of is told by the name of its variable: metrics.RequestsTotal.
func unwritten(env *Env, c *catalog.Catalog, dir string) (map[*catalog.Metric]bool, error) {
	root := absolute(env.Dir, strings.TrimSuffix(strings.TrimSuffix(dir, "..."), "/"))
	if st, err := os.Stat(root); err != nil || !st.IsDir() {
		return nil, misuse("--unwritten: %s is no folder of Go code", dir)
	}
	used, declared := map[string]bool{}, map[string]string{}
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || d.Name() == "vendor" || strings.HasPrefix(d.Name(), ".") && p != root) {
			return filepath.SkipDir
		}
		if !file.IsRegular(p, d) || !strings.HasSuffix(p, ".go") || strings.HasSuffix(p, "_test.go") {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), p, nil, parser.SkipObjectResolution)
		if err != nil {
			return misuse("--unwritten: %v", err)
		}
		handles(parsed, used)
		declarations(parsed, func(variable, literal string) { declared[literal] = variable })
		return nil
	})
	if err != nil {
		return nil, err
	}
	names, err := variables(env, c)
	if err != nil {
		return nil, err
	}
	out := map[*catalog.Metric]bool{}
	for _, m := range c.Own() {
		name, ok := names[m]
		if !ok && !inGo(m) {
			// A file of another kind declares it: the code that writes it may declare it as well, or is not Go's.
			if name, ok = declared[strconv.Quote(m.Name)]; !ok {
				continue
			}
		}
		if m.Unwritten == "" && !used[name] {
			out[m] = true
		}
	}
	return out, nil
}

// makers are the functions that make a handle of a metric, each with it as the second argument.
var makers = map[string]bool{"NewCounter": true, "NewGauge": true, "NewHistogram": true, "OnlyCounter": true, "OnlyGauge": true, "OnlyHistogram": true}

// handles notes the metrics that a file makes handles of, as package.Variable.
func handles(file *ast.File, used map[string]bool) {
	instrument := map[string]bool{}
	packages := map[string]string{}
	for _, i := range file.Imports {
		p, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			continue
		}
		name := path.Base(p)
		if i.Name != nil {
			name = i.Name.Name
		}
		packages[name] = path.Base(p)
		instrument[name] = strings.HasSuffix(p, "obsgen/instrument")
	}
	ast.Inspect(file, func(n ast.Node) bool {
		c, ok := n.(*ast.CallExpr)
		if !ok || len(c.Args) != 2 {
			return true
		}
		f, ok := c.Fun.(*ast.SelectorExpr)
		if !ok || !makers[f.Sel.Name] {
			return true
		}
		if x, ok := f.X.(*ast.Ident); !ok || !instrument[x.Name] {
			return true
		}
		switch m := c.Args[1].(type) {
		case *ast.SelectorExpr:
			if x, ok := m.X.(*ast.Ident); ok {
				used[packages[x.Name]+"."+m.Sel.Name] = true
			}
		case *ast.Ident: // of the same package
			used[file.Name.Name+"."+m.Name] = true
		}
		return true
	})
}

// variables returns the Go names of a catalog's metrics, as package.Variable, from the files that declare them.
func variables(env *Env, c *catalog.Catalog) (map[*catalog.Metric]string, error) {
	byName := map[string]*catalog.Metric{}
	files := map[string]bool{}
	for _, m := range c.Own() {
		byName[strconv.Quote(m.Name)] = m
		if f := m.Site.Position().File; inGo(m) {
			files[f] = true
		}
	}
	out := map[*catalog.Metric]string{}
	for f := range files {
		p := f
		if !filepath.IsAbs(p) {
			p = filepath.Join(env.moduleRoot(), filepath.FromSlash(p))
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), p, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, misuse("--unwritten: the file that declares metrics cannot be read: %v", err)
		}
		declarations(parsed, func(variable, literal string) {
			if m := byName[literal]; m != nil {
				out[m] = variable
			}
		})
	}
	return out, nil
}

// inGo reports whether Go code declares a metric.
func inGo(m *catalog.Metric) bool { return strings.HasSuffix(m.Site.Position().File, ".go") }

// declarations tells of every literal that the value of a variable is made of, such as the name of a metric, with the
// variable as package.Variable.
func declarations(file *ast.File, tell func(variable, literal string)) {
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		for i, v := range spec.Values {
			call, ok := v.(*ast.CallExpr)
			if !ok || i >= len(spec.Names) {
				continue
			}
			for _, a := range call.Args {
				if lit, ok := a.(*ast.BasicLit); ok {
					tell(file.Name.Name+"."+spec.Names[i].Name, lit.Value)
				}
			}
		}
		return true
	})
}
