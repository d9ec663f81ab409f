package tree

import (
	"crypto/sha256"
	"errors"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
)

// changes is all that one Write will do, decided before the first byte is written.
type changes struct {
	conflicts []Conflict // if any, nothing else here is to be done

	write     []fileToWrite // sorted by path
	remove    []string      // files, sorted
	unchanged []string      // sorted
	makeWay   []string      // those of remove that a file to write needs out of the way
	clear     []string      // folders that stand where a file will be, the deepest first
	prune     []string      // folders that may be left empty, the deepest first

	project               string   // that all this is done for
	manifestOld, manifest []byte   // as it is (nil if missing) and as it will be
	journal               []entry  // which digests the files may have, besides MANIFEST's, if the run is killed
	leftovers             []string // of a run that was killed
}

type fileToWrite struct {
	path   string
	data   []byte
	digest digest
	why    Reason // Missing, Outdated, or a reason to refuse that Force overrode
}

// decide compares files, whose paths are checked and sorted, with the disk. It changes nothing.
func (d *disk) decide(files []File, opt Options) (*changes, error) {
	in, err := newScope(opt.Only)
	if err != nil {
		return nil, err
	}
	c := &changes{project: strings.Join(strings.Fields(opt.Project), " ")}
	known, err := d.readRecords(c)
	if err != nil || len(c.conflicts) > 0 {
		return c, err // without its records, obsgen would take all files for a person's
	}
	if known.project != "" && known.project != c.project && !opt.Force {
		return nil, &OtherProject{Dir: d.dir, Project: c.project, Other: known.project, Files: len(known.owned)}
	}
	files = slices.DeleteFunc(files, func(f File) bool { return !in.selects(f.Path) })
	found, err := d.examine(files)
	if err != nil {
		return nil, err
	}

	s := &sorting{disk: d, changes: c, known: known, force: opt.Force, final: map[string]digest{}, blocked: map[string]node{}}
	produced := map[string]bool{}
	successors := map[string]finding{} // by folded path
	for i, f := range files {
		produced[f.Path], successors[fold(f.Path)] = true, found[i]
		s.produce(f, found[i])
	}
	for _, p := range slices.Sorted(maps.Keys(known.owned)) {
		switch {
		case produced[p]:
		case !in.selects(p):
			s.final[p] = known.owned[p]
		default:
			if err := s.orphan(p, successors[fold(p)]); err != nil {
				return nil, err
			}
		}
	}
	if err := in.unused(); err != nil {
		return nil, err
	}
	if err := s.makeRoom(); err != nil {
		return nil, err
	}
	if known.project == "" && c.project != "" && len(c.remove) > 0 && !opt.Force {
		return nil, &OtherProject{Dir: d.dir, Project: c.project, Files: len(known.owned), Remove: c.remove}
	}
	s.drawUp()
	return c, nil
}

// finding is what stands where a file shall be.
type finding struct {
	node
	same bool   // the content is as it shall be
	is   digest // of a regular file that is not the same
	want digest
}

// examine looks at all files at once: reading and hashing them is what takes the time of a build that changes nothing.
func (d *disk) examine(files []File) ([]finding, error) {
	found := make([]finding, len(files))
	var g errgroup.Group
	g.SetLimit(2 * runtime.GOMAXPROCS(0))
	for i, f := range files {
		x := &found[i]
		var err error
		if x.node, err = d.look(f.Path); err != nil {
			return nil, errors.Join(err, g.Wait())
		}
		g.Go(func() (err error) {
			x.want = sha256.Sum256(f.Data)
			if x.kind != regular || x.at != f.Path {
				return nil
			}
			if x.same, err = d.holds(x.node, f.Data); err != nil || x.same {
				return err
			}
			x.is, err = d.digest(x.node)
			return err
		})
	}
	return found, g.Wait()
}

// sorting sorts files into changes.
type sorting struct {
	*disk
	*changes
	known *records
	force bool

	final     map[string]digest // what MANIFEST will say
	forced    []entry           // content of a person that Force gives up
	blocked   map[string]node   // by path: files that stand where a folder is needed
	inFolders []string          // files to write where a folder stands
}

// refuse notes a conflict.
func (s *sorting) refuse(p string, why Reason) { s.conflicts = append(s.conflicts, Conflict{p, why}) }

func (s *sorting) refused(p string) bool {
	return slices.ContainsFunc(s.conflicts, func(c Conflict) bool { return c.Path == p })
}

// override reports whether the content of the file p may be given up in spite of why, and otherwise notes the conflict.
// What is given up counts as obsgen's from then on: a build killed before it got there needs no second Force.
func (s *sorting) override(p string, is digest, why Reason) bool {
	if !s.force || remedies[why].force == forceNothing {
		s.refuse(p, why)
		return false
	}
	s.forced = append(s.forced, entry{p, is})
	return true
}

// produce decides what happens to a file that the tree shall hold.
func (s *sorting) produce(f File, x finding) {
	s.final[f.Path] = x.want
	why := Missing
	switch {
	case x.kind == absent:
	case x.kind == link:
		s.refuse(x.at, SymbolicLink)
		return
	case x.at != f.Path:
		s.blocked[x.at] = x.node
	case x.kind == folder:
		s.inFolders = append(s.inFolders, f.Path)
	case x.kind == other:
		s.refuse(f.Path, NotRegular)
		return
	case x.same:
		s.unchanged = append(s.unchanged, f.Path)
		return
	case s.known.wrote(f.Path, x.is):
		why = Outdated
	default:
		if why = NotOwned; s.known.owns(f.Path) {
			why = Edited
		}
		if !s.override(f.Path, x.is, why) {
			return
		}
	}
	s.write = append(s.write, fileToWrite{f.Path, f.Data, x.want, why})
}

// orphan decides what happens to the owned file p that is no longer produced. Its successor is what stands where a path
// is produced that differs from p only by case.
func (s *sorting) orphan(p string, successor finding) error {
	n, err := s.look(p)
	switch {
	case err != nil:
		return err
	case n.kind == link:
		s.refuse(n.at, SymbolicLink)
		return nil
	case n.at != p || n.kind != regular:
		return nil // gone, or someone put something else in its place: not ours to remove
	case successor.info != nil && os.SameFile(n.info, successor.info):
		return nil // the file system does not tell case apart: to remove the one would remove the other
	}
	is, err := s.digest(n)
	if err != nil {
		return err
	}
	if s.known.wrote(p, is) || s.override(p, is, EditedOrphan) {
		s.remove = append(s.remove, p)
	}
	return nil
}

// makeRoom decides where a file is to become a folder, or a folder a file.
func (s *sorting) makeRoom() error {
	for _, p := range slices.Sorted(maps.Keys(s.blocked)) {
		n := s.blocked[p]
		switch {
		case slices.Contains(s.remove, p):
		case s.refused(p):
			continue
		case n.kind != regular:
			s.refuse(p, NotRegular)
			continue
		default:
			if is, err := s.digest(n); err != nil {
				return err
			} else if !s.override(p, is, BlocksFolder) {
				continue
			}
			s.remove = append(s.remove, p)
			delete(s.final, p)
		}
		s.makeWay = append(s.makeWay, p)
	}
	slices.Sort(s.remove)

	goes := func(p string) bool {
		if _, removed := slices.BinarySearch(s.remove, p); removed {
			s.makeWay = append(s.makeWay, p)
			return true
		}
		return s.refused(p) || slices.Contains(s.leftovers, p) // a conflict of the file is said already
	}
	for _, p := range s.inFolders {
		emptied, ok, err := s.emptied(p, goes)
		if err != nil {
			return err
		} else if !ok {
			s.refuse(p, IsFolder)
		}
		s.clear = append(s.clear, emptied...)
	}
	return nil
}

// drawUp makes the records of what was decided, and lists the folders to look at afterwards.
func (s *sorting) drawUp() {
	var entries []entry
	kept, left := map[string]bool{}, map[string]bool{}
	for p, is := range s.final {
		entries = append(entries, entry{p, is})
		for dir := range folders(p) {
			kept[dir] = true
		}
	}
	s.manifest = formatRecord(manifestHead, s.project, entries)

	for _, w := range s.write {
		s.journal = append(s.journal, entry{w.path, w.digest})
	}
	s.journal = append(s.journal, s.forced...)
	for p, is := range s.known.owned {
		if s.known.listed[p] != is { // so far only in the journal that this one replaces
			s.journal = append(s.journal, entry{p, is})
		}
	}

	// The journal counts too: a killed run may have left a folder it made for files that are no longer produced.
	was := slices.Concat(s.remove, slices.Collect(maps.Keys(s.known.owned)))
	for _, e := range s.known.journal {
		was = append(was, e.path)
	}
	for _, p := range was {
		for dir := range folders(p) {
			if !kept[dir] {
				left[dir] = true
			}
		}
	}
	s.prune = slices.Sorted(maps.Keys(left))
	slices.Reverse(s.prune) // a folder sorts before those in it
}
