// Package tree writes the output tree of obsgen: whole or not at all, and touching only files that obsgen owns. It is
// the one package that writes to the disk when a tree is built; every back-end returns []File and stays pure.
//
// What obsgen owns is listed in dir/MANIFEST, with the digest of each file as it was written. A file that is not listed,
// or whose content has another digest, belongs to a person: it is neither replaced nor removed unless Options.Force says
// so. All refusals are found before the first byte is written and come as one *Refusal.
//
// A run may be killed at any moment. Each file is written beside its place, synced and renamed, so it is wholly old or
// wholly new; and a journal, dir/.MANIFEST.next, says which digests the run was about to write, so the next run knows
// what the killed one had got done and takes none of it for a person's work.
//
// No promise of a stable API before 1.0.
package tree

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
)

// File is one file of the tree.
type File struct {
	Path string // slash-separated, relative to the tree: "prometheus/rules/slo.yaml", not "./slo.yaml" or "/etc/slo.yaml"
	Data []byte
}

// Options change how Write treats what it finds.
type Options struct {
	// Project names the project whose files these are; MANIFEST has it from then on. A tree of another project is refused as an
	// *OtherProject, unless Force is set. One whose MANIFEST names none is adopted if none of its files would be removed.
	Project string

	// Force replaces files that were edited by hand or that obsgen does not own where one of its files goes, and removes
	// those that stand where it needs a folder, and edited ones that are no longer produced: just what the Refusal
	// lists. It never follows or removes a symbolic link, and never removes a folder that holds a person's files.
	Force bool

	// Only restricts Write to the files that one of these matches; every other file and its MANIFEST entry stays as it
	// is. Each is the path of a file or folder, or a pattern of path.Match that matches one: "prometheus",
	// "grafana/dashboards", "*/rules/*.yaml". Empty means the whole tree.
	Only []string
}

// Report says what Write did, or what Check found, by path in sorted order. MANIFEST itself is only ever in Stale.
type Report struct {
	Written   []string // new or replaced
	Removed   []string // no longer produced
	Unchanged []string // already as they should be, and therefore not rewritten
	Stale     []Stale  // from Check only
}

// Stale is one path at which the tree is not as Write would leave it.
type Stale struct {
	Path string
	Why  Reason
}

// Write makes the tree below dir hold files: it writes those that are missing or differ, removes those it wrote before
// that are no longer among files, and then the folders this leaves empty. If anything stands in the way the tree stays
// as it is and the error is a *Refusal. After any other error (disk full, permission) a later Write carries on from
// there. A second process that writes the same dir waits its turn.
func Write(dir string, files []File, opt Options) (Report, error) {
	return write(dir, files, opt, nil)
}

// write is Write with a function that is called before each change to the disk.
func write(dir string, files []File, opt Options, step func(op, path string)) (_ Report, err error) {
	files, bad := checkPaths(files)
	if dir != "" && len(bad) == 0 {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			if to, e := os.Readlink(dir); e == nil {
				return Report{}, fmt.Errorf("%s is a symbolic link to %s, which is not a directory; make that directory, or remove the link", dir, to)
			}
			return Report{}, fmt.Errorf("making the output folder: %w", err)
		}
	}
	d, err := openDisk(dir)
	if err != nil {
		return Report{}, err
	}
	defer d.close()
	d.step = step
	if len(bad) == 0 { // otherwise nothing will be written, and we only look for what else is wrong
		unlock, err := d.lock()
		if err != nil {
			return Report{}, err
		}
		defer func() { err = errors.Join(err, unlock()) }()
	}

	c, err := d.decide(files, opt)
	if err != nil {
		return Report{}, err
	}
	if conflicts := append(bad, c.conflicts...); len(conflicts) > 0 {
		return Report{}, newRefusal(dir, conflicts)
	}
	if err := d.apply(c); err != nil {
		return Report{}, fmt.Errorf("writing %s: %w", dir, err)
	}
	r := Report{Unchanged: c.unchanged}
	for _, w := range c.write {
		r.Written = append(r.Written, w.path)
	}
	r.Removed = append(r.Removed, c.remove...)
	return r, nil
}

// Check compares the tree below dir with files and writes nothing. Report.Stale is empty if Write would have nothing to
// do; the error is a *Refusal if files themselves cannot be a tree. Check takes the project as Write does. It waits for nobody: while a Write runs it sees a
// tree that is partly old and partly new.
func Check(dir, project string, files []File) (Report, error) {
	files, bad := checkPaths(files)
	if len(bad) > 0 {
		return Report{}, newRefusal(dir, bad)
	}
	d, err := openDisk(dir)
	if err != nil {
		return Report{}, err
	}
	defer d.close()
	c, err := d.decide(files, Options{Project: project})
	if err != nil {
		return Report{}, err
	}

	r := Report{Unchanged: c.unchanged}
	stale := func(path string, why Reason) { r.Stale = append(r.Stale, Stale{path, why}) }
	for _, w := range c.write {
		stale(w.path, w.why)
	}
	for _, p := range c.remove {
		stale(p, Orphan)
	}
	for _, k := range c.conflicts {
		stale(k.Path, k.Reason)
	}
	switch {
	case len(c.conflicts) > 0: // what MANIFEST should say is not known before they are mended
	case c.manifestOld == nil:
		stale(manifestName, Missing)
	case string(c.manifestOld) != string(c.manifest):
		stale(manifestName, Outdated)
	}
	for _, p := range c.leftovers {
		stale(p, Interrupted)
	}
	slices.SortFunc(r.Stale, func(a, b Stale) int { return strings.Compare(a.Path, b.Path) })
	return r, nil
}
