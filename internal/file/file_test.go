//go:build unix

package file

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func put(t *testing.T, name, text string, perm fs.FileMode) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), perm); err != nil {
		t.Fatal(err)
	}
}

func TestReadRefusesWhatIsNoRegularFile(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe.yaml")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(pipe, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		pipe: "is a pipe, not a regular file; write its content to a file", filepath.Join(dir, "link"): "is a pipe",
		"/dev/zero": "is a device, not a regular file", dir: "is a directory, not a regular file", filepath.Join(dir, "none"): "no such file",
	} {
		if _, err := Read(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Read(%s) = %v, want an error with %q", name, err, want)
		}
	}
}

func TestReadStopsAtTheLimit(t *testing.T) {
	name := filepath.Join(t.TempDir(), "f")
	put(t, name, "12345", 0o600)
	if data, err := ReadUpTo(name, 5); err != nil || string(data) != "12345" {
		t.Errorf("got %q, %v", data, err)
	}
	if _, err := ReadUpTo(name, 4); !errors.Is(err, ErrTooLarge) {
		t.Errorf("got %v, want an error of the size", err)
	}
	endless := &counting{}
	if _, err := All(endless, "it", 1000); !errors.Is(err, ErrTooLarge) || endless.read != 1001 {
		t.Errorf("got %v after %d bytes", err, endless.read)
	}
}

// counting is endless, and counts what is read of it.
type counting struct{ read int }

func (c *counting) Read(p []byte) (int, error) {
	c.read += len(p)
	return len(p), nil
}

func TestIsRegular(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "file"), "x", 0o600)
	err := errors.Join(os.Mkdir(filepath.Join(dir, "dir"), 0o700), syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600),
		os.Symlink("file", filepath.Join(dir, "to-file")), os.Symlink("pipe", filepath.Join(dir, "to-pipe")), os.Symlink("dir", filepath.Join(dir, "to-dir")),
		os.Symlink("none", filepath.Join(dir, "to-none")), os.Symlink("loop", filepath.Join(dir, "loop")))
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if got, want := IsRegular(filepath.Join(dir, e.Name()), e), strings.HasSuffix(e.Name(), "file"); got != want {
			t.Errorf("IsRegular(%s) = %t", e.Name(), got)
		}
	}
}

// TestWriteKeepsTheFile that was there, whatever names lead to it.
func TestWriteKeepsTheFile(t *testing.T) {
	inode := func(name string) uint64 {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		return info.Sys().(*syscall.Stat_t).Ino
	}
	for _, tt := range []struct {
		name   string
		make   func(dir string) error // a file f that is written to
		behind string                 // where the content is afterwards
		same   bool                   // it is the very file that was there
	}{
		{"no file", func(string) error { return nil }, "f", false},
		{"a file", func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "f"), []byte("something longer"), 0o640)
		}, "f", false},
		{"a link", func(dir string) error {
			return errors.Join(os.WriteFile(filepath.Join(dir, "real"), []byte("old"), 0o640), os.Symlink("real", filepath.Join(dir, "f")))
		}, "real", false},
		{"a link to a link", func(dir string) error {
			return errors.Join(os.WriteFile(filepath.Join(dir, "real"), []byte("old"), 0o640), os.Symlink("real", filepath.Join(dir, "l")), os.Symlink("l", filepath.Join(dir, "f")))
		}, "real", false},
		{"a dangling link", func(dir string) error { return os.Symlink("real", filepath.Join(dir, "f")) }, "real", false},
		{"a hard link", func(dir string) error {
			return errors.Join(os.WriteFile(filepath.Join(dir, "f"), []byte("something longer"), 0o640), os.Link(filepath.Join(dir, "f"), filepath.Join(dir, "other")))
		}, "other", true},
		{"a link to a hard link", func(dir string) error {
			return errors.Join(os.WriteFile(filepath.Join(dir, "real"), []byte("something longer"), 0o640), os.Link(filepath.Join(dir, "real"), filepath.Join(dir, "other")), os.Symlink("real", filepath.Join(dir, "f")))
		}, "other", true},
		{"another's file", func(dir string) error {
			name := filepath.Join(dir, "f")
			if err := os.WriteFile(name, []byte("something longer"), 0o640); err != nil || os.Geteuid() != 0 {
				return err
			}
			return os.Chown(name, 1234, 1234)
		}, "f", os.Geteuid() == 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := tt.make(dir); err != nil {
				t.Fatal(err)
			}
			names, err := os.ReadDir(dir)
			if err != nil {
				t.Fatal(err)
			}
			at := filepath.Join(dir, "f")
			before, err := os.Stat(at)
			if err != nil {
				before = nil
			}
			linkBefore, _ := os.Readlink(at)
			var was uint64
			if before != nil {
				was = inode(at)
			}
			if err := Write(at, []byte("new"), 0o600); err != nil {
				t.Fatal(err)
			}
			if data, err := os.ReadFile(filepath.Join(dir, tt.behind)); err != nil || string(data) != "new" {
				t.Errorf("%s holds %q, %v", tt.behind, data, err)
			}
			if link, _ := os.Readlink(at); link != linkBefore {
				t.Errorf("the link leads to %q, and led to %q", link, linkBefore)
			}
			after, err := os.Stat(at)
			if err != nil {
				t.Fatal(err)
			}
			want := fs.FileMode(0o600)
			if before != nil {
				want = 0o640
				a, b := before.Sys().(*syscall.Stat_t), after.Sys().(*syscall.Stat_t)
				if a.Uid != b.Uid || a.Gid != b.Gid || a.Nlink != b.Nlink {
					t.Errorf("owner and links were %d:%d %d, and are %d:%d %d", a.Uid, a.Gid, a.Nlink, b.Uid, b.Gid, b.Nlink)
				}
			}
			if after.Mode().Perm() != want {
				t.Errorf("the mode is %v, want %v", after.Mode().Perm(), want)
			}
			if tt.same && inode(at) != was {
				t.Error("it is another file")
			}
			left, err := os.ReadDir(dir)
			if err != nil {
				t.Fatal(err)
			}
			if most := len(names) + 1; len(left) > most || len(left) > len(names) && before != nil {
				t.Errorf("there are %v", left)
			}
		})
	}
}

func TestWriteIntoADevice(t *testing.T) {
	if err := Write("/dev/null", []byte("x"), 0o644); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat("/dev/null"); err != nil || info.Mode()&fs.ModeDevice == 0 {
		t.Errorf("/dev/null is %v, %v", info, err)
	}
	if err := Write(t.TempDir(), []byte("x"), 0o644); err == nil {
		t.Error("a directory was written to")
	}
	if err := Write(filepath.Join(t.TempDir(), "none", "f"), []byte("x"), 0o644); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}
