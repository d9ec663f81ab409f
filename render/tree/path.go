package tree

import (
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// badPath is the reason why p cannot be a path of the tree, or empty. It holds for paths that a back-end made as for
// those read from a MANIFEST, which anyone may have forged.
func badPath(p string) Reason {
	switch {
	case strings.ContainsFunc(p, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\\' }):
		return Malformed // a line break would forge a line of MANIFEST, a backslash is a separator on Windows
	case path.IsAbs(p), !filepath.IsLocal(filepath.FromSlash(p)) && p != "":
		return Escapes
	case p == ".", !fs.ValidPath(p):
		return Malformed
	}
	if top, _, _ := strings.Cut(fold(p), "/"); top == fold(manifestName) || strings.HasPrefix(top, fold(recordPrefix)) {
		return Reserved
	}
	return ""
}

// checkPaths returns the files whose path can be used, sorted by path, and a conflict for each path that cannot.
func checkPaths(files []File) ([]File, []Conflict) {
	var good []File
	var bad []Conflict
	for _, f := range files {
		if why := badPath(f.Path); why != "" {
			bad = append(bad, Conflict{f.Path, why})
			continue
		}
		good = append(good, f)
	}
	slices.SortStableFunc(good, func(a, b File) int { return strings.Compare(a.Path, b.Path) })

	// Folded, since a file system may not tell the case of letters apart.
	asFile, asFolder := map[string]string{}, map[string]string{}
	for _, f := range good {
		for p := range folders(f.Path) {
			if first, ok := asFolder[fold(p)]; ok && first != p {
				bad = append(bad, Conflict{f.Path, CaseOnly})
			}
			asFolder[fold(p)] = p
		}
	}
	for _, f := range good {
		first, again := asFile[fold(f.Path)]
		switch {
		case again && first == f.Path:
			bad = append(bad, Conflict{f.Path, Duplicate})
		case again:
			bad = append(bad, Conflict{f.Path, CaseOnly})
		case asFolder[fold(f.Path)] != "":
			bad = append(bad, Conflict{f.Path, FileAndFolder})
		}
		asFile[fold(f.Path)] = f.Path
	}
	return good, bad
}

// folders yields the folders that p lies in, the nearest first and without the root of the tree.
func folders(p string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for dir := path.Dir(p); dir != "."; dir = path.Dir(dir) {
			if !yield(dir) {
				return
			}
		}
	}
}

// fold makes paths equal that differ only by case.
func fold(p string) string { return strings.ToLower(strings.ToUpper(p)) }

// scope is the part of the tree that Options.Only selects.
type scope struct {
	patterns []string
	used     []bool // by pattern: did it match any path?
}

func newScope(only []string) (*scope, error) {
	s := &scope{used: make([]bool, len(only))}
	for _, o := range only {
		if _, err := path.Match(o, ""); err != nil || o == "" {
			return nil, fmt.Errorf("%q selects no files: it is neither a path of the tree nor a pattern", o)
		}
		s.patterns = append(s.patterns, path.Clean(o))
	}
	return s, nil
}

// selects reports whether p is selected: itself, or by a folder it lies in.
func (s *scope) selects(p string) bool {
	if len(s.patterns) == 0 {
		return true
	}
	found := false
	for i, pattern := range s.patterns {
		match := func(p string) bool {
			ok, _ := path.Match(pattern, p) // the pattern was checked by newScope
			return ok
		}
		selected := pattern == "." || match(p)
		for dir := range folders(p) {
			selected = selected || match(dir)
		}
		s.used[i] = s.used[i] || selected
		found = found || selected
	}
	return found
}

// unused is an error if a pattern has matched nothing so far: a misspelt one would silently do nothing.
func (s *scope) unused() error {
	for i, pattern := range s.patterns {
		if !s.used[i] {
			return fmt.Errorf("%q selects no files: none that is produced and none in %s matches", pattern, manifestName)
		}
	}
	return nil
}
