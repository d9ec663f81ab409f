//go:build !unix

package file

import "io/fs"

// interchangeable reports whether a fresh file may take the place of the old one: here there is nothing to tell them by.
func interchangeable(_, _ fs.FileInfo) bool { return true }
