package tree

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"
)

// atOnce is how many files are written and synced at a time. The time goes into waiting for the disk, and a file
// system's journal commits together what is asked for together.
const atOnce = 32

// apply carries c out. The order is what makes it safe to be killed anywhere: the journal stands before the first file
// changes, MANIFEST is replaced after the last one has reached the disk, and the journal goes at the very end.
func (d *disk) apply(c *changes) error {
	d.forget() // some systems do not remove a folder that is held open
	for _, p := range c.leftovers {
		if p != journalName { // still needed, until the new one or the new MANIFEST is in place
			if err := d.unlink(p); err != nil {
				return err
			}
		}
	}
	if len(c.leftovers) > 0 { // while the old journal still says which folders the killed run made
		if err := d.pruneFolders(c.prune); err != nil {
			return err
		}
	}
	if len(c.journal) > 0 {
		if err := d.writeRecord(journalName, formatRecord(journalHead, c.project, c.journal)); err != nil {
			return err
		}
	}
	for _, p := range slices.Concat(c.makeWay, c.clear) {
		if err := d.unlink(p); err != nil {
			return err
		}
	}
	if err := d.writeFiles(c.write); err != nil {
		return err
	}
	for _, p := range c.remove {
		if slices.Contains(c.makeWay, p) {
			continue
		}
		if err := d.unlink(p); err != nil {
			return err
		}
	}
	if err := d.pruneFolders(c.prune); err != nil {
		return err
	}
	if err := d.syncFolders(c); err != nil {
		return err
	}
	if string(c.manifestOld) != string(c.manifest) {
		if err := d.writeRecord(manifestName, c.manifest); err != nil {
			return err
		}
	}
	if len(c.journal) > 0 || slices.Contains(c.leftovers, journalName) {
		return d.unlink(journalName)
	}
	return nil
}

// unlink removes the file or empty folder p.
func (d *disk) unlink(p string) error {
	d.changing("remove", p)
	if err := d.root.Remove(p); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// pruneFolders removes those of the folders that are empty.
func (d *disk) pruneFolders(folders []string) error {
	d.forget()
	for _, dir := range folders {
		n, err := d.look(dir)
		if err != nil {
			return err
		}
		if n.kind == folder && n.at == dir {
			d.changing("remove folder", dir)
			_ = n.in.Remove(path.Base(dir)) // fails if the folder holds someone's files, and then it stays
		}
	}
	return nil
}

// writeFiles replaces files. No file takes its place before all of them are on the disk, so a full disk changes nothing.
func (d *disk) writeFiles(files []fileToWrite) (err error) {
	made := map[string]bool{}
	for _, f := range files {
		dir := path.Dir(f.path)
		if made[dir] {
			continue
		}
		made[dir] = true
		d.changing("make folder", dir)
		if err := d.root.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	temps := make([]string, len(files))
	for i, f := range files {
		temps[i] = tempName(entry{f.path, f.digest})
	}
	defer func() {
		if err != nil {
			for _, t := range temps {
				_ = d.root.Remove(t) // those renamed by now are gone; one that stays is found through the journal
			}
		}
	}()

	for at := 0; at < len(files); at += atOnce {
		end := min(at+atOnce, len(files))
		if err := d.writeTemps(temps[at:end], files[at:end]); err != nil {
			return err
		}
	}
	for i, f := range files {
		d.changing("rename", f.path)
		if err := d.root.Rename(temps[i], f.path); err != nil {
			return err
		}
	}
	return nil
}

// writeTemps creates files one after the other, since the kernel lets only one at a time into a folder and the others
// would wait in a busy loop, and then waits for the disk together.
func (d *disk) writeTemps(temps []string, files []fileToWrite) error {
	var g errgroup.Group
	for i, f := range files {
		d.changing("write", f.path)
		file, err := d.createTemp(temps[i], f.data)
		if err != nil {
			return errors.Join(err, g.Wait())
		}
		g.Go(func() error { return errors.Join(file.Sync(), file.Close()) })
	}
	return g.Wait()
}

// createTemp creates the file p, which must not exist, with its content.
func (d *disk) createTemp(p string, data []byte) (*os.File, error) {
	f, err := d.root.OpenFile(p, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, err
	}
	if _, err := f.Write(data); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// writeTemp creates the file p, which must not exist, and brings its content to the disk. Without the sync a crash of
// the machine could leave the renamed file empty.
func (d *disk) writeTemp(p string, data []byte) error {
	f, err := d.createTemp(p, data)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// writeRecord replaces one of obsgen's own records and waits until the disk has it.
func (d *disk) writeRecord(name string, data []byte) error {
	d.changing("write", name)
	if err := d.writeTemp(scratchName, data); err != nil {
		return err
	}
	d.changing("rename", name)
	if err := d.root.Rename(scratchName, name); err != nil {
		return err
	}
	return d.syncFolder(".")
}

// syncFolders brings the names that c added or removed to the disk.
func (d *disk) syncFolders(c *changes) error {
	touched := map[string]bool{}
	note := func(p string) {
		for dir := range folders(p) {
			touched[dir] = true
		}
		touched["."] = true
	}
	for _, f := range c.write {
		note(f.path)
	}
	for _, p := range slices.Concat(c.remove, c.prune) {
		note(p)
	}
	d.forget()
	var g errgroup.Group
	g.SetLimit(atOnce)
	for _, dir := range slices.Sorted(maps.Keys(touched)) {
		if n, err := d.look(dir); err != nil {
			return err
		} else if n.kind != folder || n.at != dir {
			continue // gone, or a file by now; the folder above it is synced
		}
		g.Go(func() error { return d.syncFolder(dir) })
	}
	return g.Wait()
}

func (d *disk) syncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // a folder cannot be synced there
	}
	f, err := d.root.Open(dir)
	if err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return errors.Join(fmt.Errorf("syncing %s: %w", dir, err), f.Close())
	}
	return f.Close()
}
