//go:build unix

package file

import (
	"io/fs"
	"syscall"
)

// interchangeable reports whether nobody can tell a fresh file in the place of the old one from it: it has the same owner and
// group, and the old one has no other name.
func interchangeable(old, fresh fs.FileInfo) bool {
	a, ok := old.Sys().(*syscall.Stat_t)
	b, also := fresh.Sys().(*syscall.Stat_t)
	return ok && also && a.Nlink == 1 && a.Uid == b.Uid && a.Gid == b.Gid
}
