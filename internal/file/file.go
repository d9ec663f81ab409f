// Package file reads and writes the files that users name. Whatever is read from the disk because someone named it, or the
// directory that it is in, comes through here: a named pipe must not block a run, nor a device fill its memory.
package file

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// Largest is how many bytes of a file Read returns at most. Grafana itself accepts dashboards of some MB.
const Largest = 64 << 20

// ErrTooLarge is wrapped by the error for content beyond a limit.
var ErrTooLarge = errors.New("too large")

// Read returns the content of a regular file of at most Largest bytes. Anything else is an error that names it.
func Read(name string) ([]byte, error) { return ReadUpTo(name, Largest) }

// ReadUpTo returns the content of a regular file of at most so many bytes. It reads no more than one byte beyond them.
func ReadUpTo(name string, limit int64) ([]byte, error) {
	size := int64(0)
	if info, err := os.Stat(name); err == nil { // otherwise opening it says why not
		if !info.Mode().IsRegular() { // to open a pipe would wait for a writer
			return nil, fmt.Errorf("%s is %s, not a regular file%s", name, kind(info.Mode()), instead(info.Mode()))
		}
		size = info.Size()
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return all(f, name, limit, size)
}

// All returns what a reader gives, which is at most so many bytes. Errors begin with name.
func All(r io.Reader, name string, limit int64) ([]byte, error) { return all(r, name, limit, 0) }

func all(r io.Reader, name string, limit, size int64) ([]byte, error) {
	var b bytes.Buffer
	b.Grow(int(min(size, limit)) + bytes.MinRead)
	switch n, err := b.ReadFrom(io.LimitReader(r, limit+1)); {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", name, err)
	case n > limit:
		return nil, fmt.Errorf("%s is %w: the limit is %d MB", name, ErrTooLarge, limit>>20)
	}
	return b.Bytes(), nil
}

// IsRegular reports whether what a walk found at a path is a regular file or a link to one: what else there is, such as a
// pipe, a walk skips.
func IsRegular(path string, e fs.DirEntry) bool {
	if e.Type()&fs.ModeSymlink == 0 {
		return e.Type().IsRegular()
	}
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

func kind(m fs.FileMode) string {
	switch {
	case m.IsDir():
		return "a directory"
	case m&fs.ModeNamedPipe != 0:
		return "a pipe"
	case m&fs.ModeSocket != 0:
		return "a socket"
	case m&fs.ModeDevice != 0:
		return "a device"
	}
	return "something else"
}

func instead(m fs.FileMode) string {
	if m&fs.ModeNamedPipe != 0 {
		return "; write its content to a file and name that"
	}
	return ""
}

// Write replaces the content of a file, or makes it with the permissions perm. The file is replaced as a whole where that
// leaves it the same file: behind symbolic links, with its permissions and its owner. Where it has several hard links or another
// owner, and for what is not a regular file, such as /dev/stdout, Write writes into what is there.
func Write(name string, data []byte, perm fs.FileMode) error {
	at, err := filepath.EvalSymlinks(name)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Lstat(name); err == nil { // a link to a file that is not there yet
			return writeInto(name, data, perm)
		}
		at, err = name, nil
	}
	if err != nil {
		return err
	}
	old, err := os.Stat(at)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		old = nil
	case err != nil:
		return err
	case !old.Mode().IsRegular():
		return writeInto(at, data, perm)
	}
	err = replace(at, data, perm, old)
	if errors.Is(err, errOther) || old != nil && errors.Is(err, fs.ErrPermission) { // the file may be ours to write, and its directory not
		return writeInto(at, data, perm)
	}
	return err
}

// errOther says that a file in the place of the old one would not be the same file.
var errOther = errors.New("another file")

// replace writes a file beside another, or beside where it shall be, and renames it into place.
func replace(at string, data []byte, perm fs.FileMode, old fs.FileInfo) (err error) {
	temp := at + ".obsgen-" + strconv.Itoa(os.Getpid()) + "-" + strconv.FormatInt(time.Now().UnixNano(), 36)
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, ignoreClosed(f.Close()), os.Remove(temp))
		}
	}()
	if old != nil {
		fresh, err := f.Stat()
		if err != nil {
			return err
		}
		if !interchangeable(old, fresh) {
			return errOther
		}
		if err := f.Chmod(old.Mode().Perm()); err != nil {
			return err
		}
	}
	if _, err := f.Write(data); err != nil {
		return err
	}
	if err := f.Sync(); err != nil { // otherwise a crash of the machine could leave the renamed file empty
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(temp, at)
}

func ignoreClosed(err error) error {
	if errors.Is(err, os.ErrClosed) {
		return nil
	}
	return err
}

// writeInto writes into a file as it is, and makes it where it is missing.
func writeInto(at string, data []byte, perm fs.FileMode) error {
	f, err := os.OpenFile(at, os.O_WRONLY|os.O_CREATE, perm)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if info, e := f.Stat(); err == nil && e == nil && info.Mode().IsRegular() {
		err = errors.Join(f.Truncate(int64(len(data))), f.Sync())
	}
	return errors.Join(err, f.Close())
}
