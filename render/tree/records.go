package tree

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"path"
	"path/filepath"
	"slices"
)

// records is what obsgen knows from earlier runs.
type records struct {
	project string              // whose files these are, "" where no record says so
	listed  map[string]digest   // MANIFEST
	journal []entry             // of a run that was killed
	owned   map[string]digest   // MANIFEST, brought up to date with what the killed run got done
	written map[string][]digest // by folded path: whatever obsgen wrote or was about to write
}

// owns reports whether p is a file of obsgen's, whatever it holds by now.
func (r *records) owns(p string) bool {
	_, ok := r.owned[p]
	return ok
}

// wrote reports whether content of that digest at p is obsgen's work. Case does not count, since on some disks the file
// at p is the one that obsgen wrote under another spelling; elsewhere nothing but a copy of its own work is lost.
func (r *records) wrote(p string, is digest) bool { return slices.Contains(r.written[fold(p)], is) }

// readRecords reads MANIFEST and the journal of a killed run, and notes in c what such a run left.
func (d *disk) readRecords(c *changes) (*records, error) {
	r := &records{listed: map[string]digest{}, owned: map[string]digest{}, written: map[string][]digest{}}
	content := map[string][]byte{}
	for _, name := range []string{manifestName, journalName, scratchName} {
		data, refused, err := d.record(name)
		if err != nil {
			return nil, err
		}
		if refused != "" {
			c.conflicts = append(c.conflicts, Conflict{name, refused})
		}
		if content[name] = data; data != nil && name != manifestName {
			c.leftovers = append(c.leftovers, name)
		}
	}
	if len(c.conflicts) > 0 {
		return nil, nil
	}

	c.manifestOld = content[manifestName]
	r.project = cmp.Or(projectOf(c.manifestOld), projectOf(content[journalName])) // a first build that was killed left only its journal
	listed, err := d.parse(manifestName, manifestHead, c.manifestOld)
	if err != nil {
		return nil, err
	}
	if r.journal, err = d.parse(journalName, journalHead, content[journalName]); err != nil {
		return nil, err
	}
	for _, e := range listed {
		r.listed[e.path], r.owned[e.path] = e.digest, e.digest
	}
	for _, e := range slices.Concat(listed, r.journal) {
		r.written[fold(e.path)] = append(r.written[fold(e.path)], e.digest)
	}
	for _, e := range r.journal {
		if n, err := d.look(e.path); err != nil {
			return nil, err
		} else if n.kind == regular && n.at == e.path {
			if is, err := d.digest(n); err != nil {
				return nil, err
			} else if is == e.digest {
				r.owned[e.path] = is
			}
		}
		tmp := tempName(e)
		if n, err := d.look(tmp); err != nil {
			return nil, err
		} else if n.kind == regular && n.at == tmp {
			c.leftovers = append(c.leftovers, tmp)
		}
	}
	return r, nil
}

// record reads one of obsgen's own records at the root of the tree. Absent, it is nil.
func (d *disk) record(name string) (data []byte, refused Reason, err error) {
	n, err := d.look(name)
	if err != nil {
		return nil, "", err
	}
	switch n.kind {
	case absent:
		return nil, "", nil
	case link:
		return nil, SymbolicLink, nil
	case folder:
		return nil, IsFolder, nil
	case other:
		return nil, NotRegular, nil
	}
	if data, err = n.in.ReadFile(name); err != nil {
		return nil, "", d.reading(name, err)
	}
	return data, "", nil
}

func (d *disk) parse(name, head string, data []byte) ([]entry, error) {
	if data == nil {
		return nil, nil
	}
	return parseRecord(filepath.Join(d.dir, name), head, data)
}

// tempName is the file in which the content of e is written before it is renamed into place. It follows from the
// journal, so what a killed run left is found again, and nothing else is ever taken for it.
func tempName(e entry) string {
	sum := sha256.Sum256(append([]byte(e.path+"\x00"), e.digest[:]...))
	return path.Join(path.Dir(e.path), fmt.Sprintf(".obsgen-%x.tmp", sum[:8]))
}
