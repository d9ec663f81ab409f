package sim_test

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
)

// TestEnded ends obsgen while the other program serves for it: that one ends, too, and nothing of what was handed to it is left.
func TestEnded(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("this system has no such signals")
	}
	for _, signal := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		dir, out := t.TempDir(), &output{}
		cmd := exec.CommandContext(t.Context(), "obsgen", "serve", "--scenario=healthy", "--listen=127.0.0.1:0")
		cmd.Env = append(os.Environ(), "TMPDIR="+dir)
		cmd.Stdout, cmd.Stderr = out, out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		at := out.until(t, `http://127.0.0.1:\d+`)
		if err := cmd.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("%v: %v: %s", signal, err, out)
		}
		if r, err := http.Get(at); err == nil {
			_ = r.Body.Close()
			t.Errorf("%v: it still serves", signal)
		}
		if left, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(left) > 0 {
			t.Errorf("%v: it leaves %v: %v", signal, left, err)
		}
	}
}
