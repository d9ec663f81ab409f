package sim_test

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/obsgen/obsgen/internal/testkit/optional"
)

// TestReload runs the preview of a project in a module of its own, changes the code, breaks it and mends it.
func TestReload(t *testing.T) {
	optional.Slow(t)
	t.Parallel()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	read := func(path string) string {
		t.Helper()
		data, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	write := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, path), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	module := strings.Replace(read("go.mod"), "module github.com/obsgen/obsgen", "module example.com/watched", 1)
	module = strings.Replace(module, "ignore ./preview/web/node_modules", "", 1)
	write("go.mod", module+"\nrequire github.com/obsgen/obsgen v0.0.0\nreplace github.com/obsgen/obsgen => "+root+"\n")
	write("go.sum", read("go.sum"))
	code := read("examples/minimal/main.go")
	const title = `"Letters that bounce"`
	if !strings.Contains(code, title) {
		t.Fatalf("the example has no panel %s", title)
	}
	write("main.go", code)
	env := append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", "watched", ".")
	build.Dir, build.Env = dir, env
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	out := &output{}
	cmd := exec.CommandContext(t.Context(), filepath.Join(dir, "watched"), "preview", "--listen=127.0.0.1:0", "--scrape=127.0.0.1:1")
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, env, out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
	}()
	at := out.until(t, `http://127.0.0.1:\d+`)
	until := func(what string, ok func(trouble, state string) bool) {
		t.Helper()
		last := ""
		for begun := time.Now(); time.Since(begun) < time.Minute; time.Sleep(50 * time.Millisecond) {
			r, err := http.Get(at + "/state")
			if err != nil {
				t.Fatal(err)
			}
			var said struct {
				Trouble string
				State   json.RawMessage
			}
			err = json.NewDecoder(r.Body).Decode(&said)
			_ = r.Body.Close()
			if err != nil {
				t.Fatal(err)
			}
			if ok(said.Trouble, string(said.State)) {
				return
			}
			last = said.Trouble
		}
		t.Fatalf("%s does not come: %s\n%s", what, last, out)
	}
	until("the project", func(_, s string) bool { return strings.Contains(s, title) })
	write("main.go", strings.ReplaceAll(code, title, `"Letters that come back"`))
	until("the change", func(trouble, s string) bool { return trouble == "" && strings.Contains(s, "Letters that come back") })
	write("main.go", strings.ReplaceAll(code, title, `Letters that come back`))
	until("what the compiler says", func(trouble, s string) bool {
		return strings.Contains(trouble, "main.go:") && strings.Contains(trouble, "syntax error") && strings.Contains(s, "Letters that come back")
	})
	write("main.go", code)
	until("what was before", func(trouble, s string) bool {
		return trouble == "" && strings.Contains(s, title) && !strings.Contains(s, "Letters that come back")
	})
	// A fault of the declarations is no reason not to show them: lint says what it is.
	write("main.go", strings.ReplaceAll(code, title, `""`))
	until("a project with a fault", func(trouble, s string) bool { return trouble == "" && strings.Contains(s, `"findings":[{`) })
}
