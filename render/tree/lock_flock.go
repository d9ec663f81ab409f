//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package tree

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// tryLock takes the lock unless someone else holds it: flock(2) on a file that is removed with the lock.
func tryLock(root *os.Root) (unlock func() error, held bool, err error) {
	f, err := root.OpenFile(lockName, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, false, err
	}
	defer func() {
		if !held {
			f.Close()
		}
	}()
	for {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err != syscall.EINTR {
			break
		}
	}
	if err == syscall.EWOULDBLOCK {
		return nil, false, nil
	} else if err != nil {
		return nil, false, &fs.PathError{Op: "flock", Path: lockName, Err: err}
	}
	// Whoever held the lock before may have removed the file after we opened it: then it is no longer the lock.
	locked, err := f.Stat()
	if err != nil {
		return nil, false, err
	}
	named, err := root.Lstat(lockName)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !os.SameFile(locked, named) {
		return nil, false, nil
	} else if err != nil {
		return nil, false, err
	}
	return func() error {
		err := root.Remove(lockName)
		if errors.Is(err, fs.ErrNotExist) {
			err = nil // someone tidied up
		}
		return errors.Join(err, f.Close())
	}, true, nil
}
