package project

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/internal/file"
)

// ReadFragments reads the fragments that patterns name, seen from a folder, in the order of the patterns and then of the
// names. It returns an error where a pattern matches no file or a file is no fragment.
func ReadFragments(dir string, patterns []string) ([]*catalog.Catalog, error) {
	var out []*catalog.Catalog
	seen := map[string]bool{}
	for _, pattern := range patterns {
		paths, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			return nil, fmt.Errorf("%s: fragments: %q is no pattern of files: %w", ConfigFile, pattern, err)
		}
		if len(paths) == 0 {
			return nil, fmt.Errorf("%s: fragments: there is no file %s", ConfigFile, pattern)
		}
		slices.Sort(paths)
		for _, path := range paths {
			if seen[path] {
				continue
			}
			seen[path] = true
			data, err := file.Read(path)
			if err != nil {
				return nil, fmt.Errorf("reading a fragment: %w", err)
			}
			name, err := filepath.Rel(dir, path)
			if err != nil {
				name = path
			}
			f, err := catalog.ParseFragment(filepath.ToSlash(name), data)
			if err != nil {
				return nil, err
			}
			out = append(out, f)
		}
	}
	return out, nil
}
