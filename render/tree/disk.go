package tree

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
)

// disk is the tree as it is on the disk. All access goes through an os.Root, so even a link that appears in the middle
// of a run cannot lead out of the tree.
type disk struct {
	dir  string
	root *os.Root              // nil if dir does not exist
	step func(op, path string) // called before each change, if set

	opened map[string]node // by path: folders that look went through, and whatever it met in place of one
}

// openDisk opens the tree at dir, which may be a symbolic link itself and need not exist.
func openDisk(dir string) (*disk, error) {
	if dir == "" {
		return nil, errors.New("no output folder given")
	}
	root, err := os.OpenRoot(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("opening the output folder: %w", err)
	}
	return &disk{dir: dir, root: root, opened: map[string]node{}}, nil
}

func (d *disk) close() {
	d.forget()
	if d.root != nil {
		d.root.Close()
	}
}

// forget makes look ask the disk about folders again, after they may have changed.
func (d *disk) forget() {
	for _, n := range d.opened {
		if n.inside != nil {
			n.inside.Close()
		}
	}
	clear(d.opened)
}

// changing announces a change to the disk.
func (d *disk) changing(op, path string) {
	if d.step != nil {
		d.step(op, path)
	}
}

type kind int

const (
	absent kind = iota
	regular
	folder
	link
	other // a device, socket or pipe
)

// node is what stands at a path, or what keeps the path from existing.
type node struct {
	kind   kind
	at     string // the path itself, or the parent that is a link or a file
	info   fs.FileInfo
	in     *os.Root // the folder that holds it
	inside *os.Root // of a folder that look went through: the folder itself
}

// look says what stands at p. It follows no symbolic link: a link anywhere below the root is itself the answer. Not to be
// called concurrently.
func (d *disk) look(p string) (node, error) {
	n := node{at: p}
	if d.root == nil {
		return n, nil
	}
	parent, err := d.enter(path.Dir(p))
	if err != nil || parent.kind == absent {
		return n, err
	} else if parent.kind != folder {
		return parent, nil
	}
	n.in = parent.inside
	n.info, err = n.in.Lstat(path.Base(p))
	if errors.Is(err, fs.ErrNotExist) {
		return n, nil
	} else if err != nil {
		return n, d.reading(p, err)
	}
	switch mode := n.info.Mode(); {
	case mode.IsRegular():
		n.kind = regular
	case mode.IsDir():
		n.kind = folder
	case mode&fs.ModeSymlink != 0:
		n.kind = link
	default:
		n.kind = other
	}
	return n, nil
}

// enter is look, and opens what it finds if that is a folder. Paths in it are then short ways for the kernel.
func (d *disk) enter(dir string) (node, error) {
	if dir == "." {
		return node{kind: folder, at: dir, inside: d.root}, nil
	}
	if n, ok := d.opened[dir]; ok {
		return n, nil
	}
	n, err := d.look(dir)
	if err != nil {
		return n, err
	}
	if n.kind == folder && n.at == dir {
		if n.inside, err = n.in.OpenRoot(path.Base(dir)); err != nil {
			return n, d.reading(dir, err)
		}
		if info, err := n.inside.Stat("."); err != nil || !os.SameFile(info, n.info) {
			n.inside.Close()
			return n, d.reading(dir, errors.Join(err, errors.New("the folder was replaced in the meantime")))
		}
	}
	d.opened[dir] = n
	return n, nil
}

func (d *disk) reading(p string, err error) error {
	return fmt.Errorf("reading %s in %s: %w", p, d.dir, err)
}

// holds reports whether the regular file n has exactly this content.
func (d *disk) holds(n node, data []byte) (bool, error) {
	if n.info.Size() != int64(len(data)) {
		return false, nil
	}
	b, err := n.in.ReadFile(path.Base(n.at))
	if err != nil {
		return false, d.reading(n.at, err)
	}
	return bytes.Equal(b, data), nil
}

// digest is the digest of the regular file n.
func (d *disk) digest(n node) (digest, error) {
	f, err := n.in.Open(path.Base(n.at))
	if err != nil {
		return digest{}, d.reading(n.at, err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return digest{}, d.reading(n.at, err)
	}
	return digest(h.Sum(nil)), nil
}

// emptied lists the folder dir and those below it, the deepest first, if they hold nothing but files that gone accepts.
func (d *disk) emptied(dir string, gone func(p string) bool) ([]string, bool, error) {
	entries, err := fs.ReadDir(d.root.FS(), dir)
	if err != nil {
		return nil, false, d.reading(dir, err)
	}
	var all []string
	for _, e := range entries {
		p := path.Join(dir, e.Name())
		switch {
		case e.IsDir():
			below, ok, err := d.emptied(p, gone)
			if err != nil || !ok {
				return nil, false, err
			}
			all = append(all, below...)
		case !e.Type().IsRegular() || !gone(p):
			return nil, false, nil
		}
	}
	return append(all, dir), true, nil
}
