package imports

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// module is a Go module as go list sees it, with all that its packages link.
type module struct {
	path     string
	packages map[string]*listed // its own and all dependencies, by import path
	sources  map[string][]byte  // its own Go files outside tests, by slash-separated path
}

// listed is the part of what go list says of a package that the checks read.
type listed struct {
	ImportPath string
	Standard   bool
	Imports    []string // by its files outside tests
	Module     *struct {
		Path string
		Main bool
	}
	Error *struct{ Err string }
}

func (p *listed) own() bool { return p.Module != nil && p.Module.Main }

// load reads the module whose root is dir.
func load(dir string) (*module, error) {
	// The test cache knows which files this process reads, but not what go list reads. Since all
	// sources and the pins are read here, a cached result never outlives a change of them.
	sources, err := readSources(dir)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command("go", "list", "-e", "-deps", "-json=ImportPath,Standard,Imports,Module,Error", "./...")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w\n%s", err, stderr.Bytes())
	}
	m := &module{packages: map[string]*listed{}, sources: sources}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		p := new(listed)
		if err := dec.Decode(p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("read what go list says: %w", err)
		}
		m.packages[p.ImportPath] = p
		if p.own() {
			m.path = p.Module.Path
		}
	}
	if m.path == "" {
		return nil, fmt.Errorf("go list finds no package in %s\n%s", dir, stderr.Bytes())
	}
	return m, nil
}

// readSources reads go.mod, for the reason that load states, and all Go files outside tests that
// belong to the module at root.
func readSources(root string) (map[string][]byte, error) {
	if _, err := os.ReadFile(filepath.Join(root, "go.mod")); err != nil {
		return nil, err
	}
	sources := map[string][]byte{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() {
			if path == root {
				return nil
			}
			_, err := os.Stat(filepath.Join(path, "go.mod"))
			if err == nil || name[0] == '.' || name[0] == '_' || name == "testdata" || name == "node_modules" {
				return filepath.SkipDir // another module, or what the go command leaves out as well
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		sources[filepath.ToSlash(rel)], err = os.ReadFile(path)
		return err
	})
	return sources, err
}

// own returns the module's packages in order, by path relative to it.
func (m *module) own() []*listed {
	var own []*listed
	for _, path := range slices.Sorted(maps.Keys(m.packages)) {
		if p := m.packages[path]; p.own() {
			own = append(own, p)
		}
	}
	return own
}

// short returns the import path of an own package without the module's, and others as they are.
func (m *module) short(path string) string {
	return strings.TrimPrefix(path, m.path+"/")
}

// directions returns what the module's packages import against the table, and packages that it lacks.
func (m *module) directions(table []row) []string {
	var problems []string
	for _, p := range m.own() {
		name := m.short(p.ImportPath)
		if p.Error != nil {
			problems = append(problems, fmt.Sprintf("%s cannot be read: %s", name, p.Error.Err))
		}
		r, unit := find(table, name)
		if r == nil {
			problems = append(problems, fmt.Sprintf("%s has no row in the import table: add one in internal/imports/imports_test.go", name))
			continue
		}
		may := reach(table, r)
		for _, path := range p.Imports {
			q := m.packages[path]
			switch {
			case q == nil: // "C", which go list does not list
			case q.own():
				to, itsUnit := find(table, m.short(path))
				if unit != itsUnit && to != nil && !slices.Contains(may, to.pkg) {
					problems = append(problems, fmt.Sprintf("%s imports %s: its row allows %s",
						name, m.short(path), cmp.Or(strings.Join(may, ", "), "no package of this module")))
				}
			case r.std && !q.Standard:
				problems = append(problems, fmt.Sprintf("%s imports %s: its row allows the standard library only", name, path))
			}
		}
	}
	return problems
}

// find returns the row of a package, the most specific one, and the unit that the package belongs to:
// inside a unit packages import each other freely.
func find(table []row, pkg string) (found *row, unit string) {
	for i := range table {
		r := &table[i]
		folder, each := strings.CutSuffix(r.pkg, "/*")
		rest, below := strings.CutPrefix(pkg+"/", folder+"/")
		if !below || each && rest == "" {
			continue
		}
		itsUnit := folder
		if each {
			first, _, _ := strings.Cut(rest, "/")
			itsUnit += "/" + first
		}
		// render/tree and render/* both name the unit render/tree; the first one is meant.
		if len(itsUnit) > len(unit) {
			found, unit = r, itsUnit
		}
	}
	return found, unit
}

// reach returns the rows that a row allows, in the order of the table.
func reach(table []row, from *row) []string {
	allowed := map[string]bool{}
	var allow func(r *row)
	allow = func(r *row) {
		for name := range strings.FieldsSeq(r.may) {
			i := slices.IndexFunc(table, func(r row) bool { return r.pkg == name })
			if i < 0 || allowed[name] {
				continue
			}
			allowed[name] = true
			if !from.only {
				allow(&table[i])
			}
		}
	}
	allow(from)
	var names []string
	for _, r := range table {
		if allowed[r.pkg] {
			names = append(names, r.pkg)
		}
	}
	return names
}

// links returns by which imports the own packages at or below pkg link never, or a package below it.
func (m *module) links(pkg, never string) []string {
	var problems []string
	exists := false
	for _, p := range m.own() {
		if name := m.short(p.ImportPath); !atOrBelow(name, pkg) {
			continue
		}
		exists = true
		if chain := m.chain(p.ImportPath, never); chain != nil {
			problems = append(problems, fmt.Sprintf("%s links %s:\n\t%s", m.short(chain[0]), chain[len(chain)-1],
				strings.Join(chain, "\n\timports ")))
		}
	}
	if !exists {
		problems = append(problems, fmt.Sprintf("there is no package %s, so nobody knows whether it links %s", pkg, never))
	}
	return problems
}

// chain returns the shortest chain of imports from a package to one at or below never, nil if there is
// none.
func (m *module) chain(from, never string) []string {
	by := map[string]string{from: ""}
	for queue := []string{from}; len(queue) > 0; queue = queue[1:] {
		path := queue[0]
		if atOrBelow(path, never) {
			var chain []string
			for ; path != ""; path = by[path] {
				chain = append(chain, path)
			}
			slices.Reverse(chain)
			return chain
		}
		p := m.packages[path]
		if p == nil {
			continue
		}
		for _, next := range p.Imports {
			if _, seen := by[next]; !seen {
				by[next] = path
				queue = append(queue, next)
			}
		}
	}
	return nil
}

func atOrBelow(path, folder string) bool {
	return path == folder || strings.HasPrefix(path, folder+"/")
}
