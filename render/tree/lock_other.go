//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd || windows)

package tree

import (
	"errors"
	"io/fs"
	"os"
)

// tryLock takes the lock unless someone else holds it: a file that must not exist yet. Where the system has no lock that
// ends with its process, the file of a killed one has to be removed by hand; the error of lock names it.
func tryLock(root *os.Root) (unlock func() error, held bool, err error) {
	f, err := root.OpenFile(lockName, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return nil, false, nil
	} else if err != nil {
		return nil, false, err
	}
	return func() error { return errors.Join(f.Close(), root.Remove(lockName)) }, true, nil
}
