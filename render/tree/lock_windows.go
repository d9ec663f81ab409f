package tree

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
)

// sharingViolation is ERROR_SHARING_VIOLATION: someone has the file open and shares it with nobody.
const sharingViolation = syscall.Errno(32)

// deleteOnClose is FILE_FLAG_DELETE_ON_CLOSE.
const deleteOnClose = 0x04000000

// tryLock takes the lock unless someone else holds it: a file opened for oneself alone, which goes when it is closed.
func tryLock(root *os.Root) (unlock func() error, held bool, err error) {
	name, err := syscall.UTF16PtrFromString(filepath.Join(root.Name(), lockName))
	if err != nil {
		return nil, false, err
	}
	h, err := syscall.CreateFile(name, syscall.GENERIC_WRITE, 0, nil, syscall.OPEN_ALWAYS,
		syscall.FILE_ATTRIBUTE_NORMAL|deleteOnClose, 0)
	switch {
	case errors.Is(err, sharingViolation), errors.Is(err, syscall.ERROR_ACCESS_DENIED):
		return nil, false, nil // the second while the file of the last holder is still going
	case err != nil:
		return nil, false, &os.PathError{Op: "open", Path: lockName, Err: err}
	}
	return func() error { return syscall.CloseHandle(h) }, true, nil
}
