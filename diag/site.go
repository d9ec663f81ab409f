package diag

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"github.com/obsgen/obsgen/internal/file"
)

// Site is a call in Go source, kept as program counters: taking one costs 200 ns and no allocation,
// and it is resolved to a Position only when a finding is printed. What is declared in another file has a position from
// the start. The zero Site is nowhere.
type Site struct {
	callee, caller uintptr
	at             *Position
}

// SiteAt returns the site of what a file that is not of Go declares.
func SiteAt(p Position) Site { return Site{at: &p} }

// Here returns the call of the function that calls Here, seen from its caller; skip leaves out that
// many further callers, for a constructor that delegates.
func Here(skip int) Site {
	var pcs [2]uintptr
	if runtime.Callers(skip+2, pcs[:]) < 2 {
		return Site{}
	}
	return Site{callee: pcs[0], caller: pcs[1]}
}

// IsZero reports whether the site names no call.
func (s Site) IsZero() bool { return s.caller == 0 && s.at == nil }

// Position returns the file, line and column of the call. The column is found by parsing the source
// file and is 0 where the file cannot be read or one line holds two calls of the same name.
func (s Site) Position() Position {
	if s.IsZero() {
		return Position{}
	}
	if s.at != nil {
		return *s.at
	}
	frame := frameOf(s.caller)
	pos := Position{File: relative(frame.File), Line: frame.Line}
	callee := frameOf(s.callee).Function
	callee = callee[strings.LastIndexByte(callee, '.')+1:]
	if i := strings.IndexByte(callee, '['); i >= 0 {
		callee = callee[:i] // the instantiation of a generic function
	}
	pos.Col, pos.EndCol = callColumn(onDisk(frame.File), frame.Line, strings.TrimSuffix(callee, "[...]"))
	return pos
}

// Order returns a key by which sites sort as they stand in the source.
func (s Site) Order() (file string, line int) {
	if s.IsZero() {
		return "", 0
	}
	if s.at != nil {
		return s.at.File, s.at.Line
	}
	f := frameOf(s.caller)
	return relative(f.File), f.Line
}

func frameOf(pc uintptr) runtime.Frame {
	f, _ := runtime.CallersFrames([]uintptr{pc}).Next()
	// Generic functions print as pkg.NewCounter[...]: cut before the dots are mistaken for a package.
	f.Function = strings.ReplaceAll(f.Function, "[...]", "")
	return f
}

var roots sync.Map // folder of a source file → root of its module, "" where there is none

// moduleRoot returns the folder of the go.mod above a folder.
func moduleRoot(dir string) string {
	if r, ok := roots.Load(dir); ok {
		return r.(string)
	}
	root := ""
	for d := dir; ; d = filepath.Dir(d) {
		if _, err := os.Stat(filepath.Join(d, "go.mod")); err == nil {
			root = d
			break
		}
		if d == filepath.Dir(d) {
			break
		}
	}
	roots.Store(dir, root)
	return root
}

// relative strips the root of the module from a source file's name. With -trimpath the name begins
// with the module's path instead, which is cut where the working directory lies in that module.
func relative(file string) string {
	if filepath.IsAbs(file) {
		if root := moduleRoot(filepath.Dir(file)); root != "" {
			if rel, err := filepath.Rel(root, file); err == nil {
				return filepath.ToSlash(rel)
			}
		}
		return filepath.ToSlash(file)
	}
	if at, ok := strings.CutPrefix(file, modulePath()+"/"); ok {
		return at
	}
	return file
}

// onDisk returns where the source file of a frame can be read.
func onDisk(file string) string {
	if filepath.IsAbs(file) {
		return file
	}
	if wd, err := os.Getwd(); err == nil {
		if root := moduleRoot(wd); root != "" {
			return filepath.Join(root, filepath.FromSlash(relative(file)))
		}
	}
	return file
}

// modulePath returns the path of the module that the working directory lies in.
var modulePath = sync.OnceValue(func() string {
	wd, err := os.Getwd()
	if err != nil {
		return ""
	}
	src, err := file.Read(filepath.Join(moduleRoot(wd), "go.mod"))
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(src)) {
		if p, ok := strings.CutPrefix(strings.TrimSpace(line), "module "); ok {
			return path.Clean(strings.Trim(strings.TrimSpace(p), `"`))
		}
	}
	return ""
})

var parsed sync.Map // file → parsedFile

type parsedFile struct {
	fset *token.FileSet
	file *ast.File
}

// callColumn returns the columns of the one call of name that the line holds.
func callColumn(file string, line int, name string) (col, end int) {
	p, ok := parsed.Load(file)
	if !ok {
		fset := token.NewFileSet()
		f, _ := parser.ParseFile(fset, file, nil, parser.SkipObjectResolution)
		p, _ = parsed.LoadOrStore(file, parsedFile{fset, f})
	}
	pf := p.(parsedFile)
	if pf.file == nil {
		return 0, 0
	}
	found := 0
	ast.Inspect(pf.file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		id := calleeIdent(call.Fun)
		if id == nil || id.Name != name {
			return true
		}
		if at := pf.fset.Position(id.Pos()); at.Line == line {
			found++
			start := at
			if s := pf.fset.Position(call.Pos()); s.Line == line {
				start = s
			}
			col, end = start.Column, at.Column+len(name)
		}
		return true
	})
	if found != 1 {
		return 0, 0
	}
	return col, end
}

func calleeIdent(fun ast.Expr) *ast.Ident {
	switch f := fun.(type) {
	case *ast.Ident:
		return f
	case *ast.SelectorExpr:
		return f.Sel
	case *ast.IndexExpr:
		return calleeIdent(f.X)
	case *ast.IndexListExpr:
		return calleeIdent(f.X)
	default:
		return nil
	}
}
