package sim_test

import (
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestKilled kills obsgen, which then can do nothing more: the other program ends all the same, and clears away what is its own.
func TestKilled(t *testing.T) {
	t.Parallel()
	for _, line := range [][]string{{"serve", "--scenario=healthy", "--listen=127.0.0.1:0"}, {"preview", "--listen=127.0.0.1:0"}} {
		out := &output{}
		cmd := exec.CommandContext(t.Context(), "obsgen", line...)
		cmd.Env = append(os.Environ(), "TMPDIR="+t.TempDir())
		cmd.Stdout, cmd.Stderr = out, out
		cmd.WaitDelay = time.Minute // the other program has the same output, and closes it when it ends
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		at := out.until(t, `http://127.0.0.1:\d+`)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		var exit *exec.ExitError
		if err := cmd.Wait(); !errors.As(err, &exit) { // not that something still writes
			t.Errorf("%v: %v", line, err)
		}
		if r, err := http.Get(at); err == nil {
			_ = r.Body.Close()
			t.Errorf("%v: it still serves", line)
		}
	}
}

// TestNotTheChild serves without obsgen: that the standard input has ended says nothing then.
func TestNotTheChild(t *testing.T) {
	t.Parallel()
	dir, out := t.TempDir(), &output{}
	rules := filepath.Join(dir, "rules.yaml")
	if err := os.WriteFile(rules, []byte(someRules), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "obsgen-sim", "serve", "--scrape=http://127.0.0.1:1", "--rules="+rules, "--listen=127.0.0.1:0")
	cmd.Env = append(os.Environ(), "TMPDIR="+dir)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	r, err := http.Get(out.until(t, `http://127.0.0.1:\d+`) + "/-/ready")
	if err != nil {
		t.Fatal(err)
	}
	_ = r.Body.Close()
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
}

// TestNotAProgram has something else in the place of the other program.
func TestNotAProgram(t *testing.T) {
	t.Parallel()
	for name, perm := range map[string]os.FileMode{"garbage": 0o700, "not executable": 0o600, "missing": 0} {
		at := filepath.Join(t.TempDir(), "obsgen-sim")
		if perm != 0 {
			if err := os.WriteFile(at, []byte("\x00garbage"), perm); err != nil {
				t.Fatal(err)
			}
		}
		cmd := exec.CommandContext(t.Context(), "obsgen", "scenario")
		cmd.Env = append(os.Environ(), "OBSGEN_SIM="+at)
		text, err := cmd.CombinedOutput()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != 2 || !strings.Contains(string(text), "cannot start "+at) || !strings.Contains(string(text), "go install github.com/obsgen/obsgen/cmd/obsgen-sim@latest") {
			t.Errorf("%s: %v: %s", name, err, text)
		}
	}
}

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
