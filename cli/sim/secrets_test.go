package sim_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/obsgen/obsgen/cli/sim"
)

// canary is what must never be seen.
const canary = "cAnArY7"

const someRules = "groups:\n- name: g\n  rules:\n  - {alert: A, expr: up == 0}\n"

// text is written by a command that goes on, and read by a test.
type text struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (x *text) Write(p []byte) (int, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.b.Write(p)
}

func (x *text) String() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.b.String()
}

// TestSecrets gives the commands that ask servers passwords and headers, and looks for them in all that is printed and written.
func TestSecrets(t *testing.T) {
	dir, cache := t.TempDir(), t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	t.Chdir(dir)
	if err := os.WriteFile("rules.yaml", []byte(someRules), 0o600); err != nil {
		t.Fatal(err)
	}
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("another host is asked for %s with %v", r.URL, r.Header)
	}))
	defer other.Close()
	for name, handle := range map[string]http.HandlerFunc{
		"redirects": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL+r.URL.Path, http.StatusTemporaryRedirect)
		},
		"refuses": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"status":"error","errorType":"bad_data","error":"no\u001b[31m\nobsgen: forged"}`)
		},
		"is no Prometheus": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>\x1b[31m\nobsgen: forged") },
		"answers": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"status":"success","data":{"resultType":"matrix","result":[]}}`)
		},
	} {
		server := httptest.NewServer(handle)
		defer server.Close()
		for _, line := range []string{
			"backtest --rules rules.yaml --last 1d --svg out.svg --rate 1000 --timeout 5s --prometheus URL --header X-Api-Key:" + canary,
			"backtest --rules rules.yaml --last 1d --json --rate 1000 --timeout 5s --prometheus URL --header X-Scope-OrgID:" + canary,
			"serve --rules rules.yaml --listen 127.0.0.1:0 --scrape URL",
		} {
			var stdout, stderr text
			ctx, cancel := context.WithCancel(t.Context())
			args := strings.Fields(strings.ReplaceAll(line, "URL", "http://user:"+canary+"@"+strings.TrimPrefix(server.URL, "http://")))
			done := make(chan struct{})
			go func() {
				defer close(done)
				sim.Run(ctx, &sim.Env{Stdout: &stdout, Stderr: &stderr}, args)
			}()
			// What asks again and again has said all after the first time, and what serves once it does.
			for !strings.Contains(stderr.String(), "trying again") && !strings.Contains(stdout.String(), "serves") {
				select {
				case <-done:
				case <-time.After(10 * time.Millisecond):
					continue
				}
				break
			}
			cancel()
			<-done
			for where, said := range map[string]string{"stdout": stdout.String(), "stderr": stderr.String(), "files": filesBelow(t, dir), "cache": filesBelow(t, cache)} {
				if strings.Contains(said, canary) {
					t.Errorf("%s: obsgen %s: %s has the secret:\n%s", name, strings.Join(args, " "), where, said)
				}
				if strings.Contains(said, "\x1b") || strings.Contains(said, "\nobsgen: forged") {
					t.Errorf("%s: obsgen %s: %s has what the server made up: %q", name, strings.Join(args, " "), where, said)
				}
			}
		}
	}
}

// filesBelow returns all files below a folder, one after the other.
func filesBelow(t *testing.T, dir string) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		fmt.Fprintf(&all, "%s\n%s\n", path, data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

// TestSecretsOfThePreview asks a server that is gone through the page.
func TestSecretsOfThePreview(t *testing.T) {
	t.Parallel()
	out := &output{}
	cmd := exec.CommandContext(t.Context(), "obsgen", "preview", "--listen=127.0.0.1:0", "--prometheus=http://user:"+canary+"@127.0.0.1:1")
	cmd.Env = append(os.Environ(), "TMPDIR="+t.TempDir())
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	at := out.until(t, `http://127.0.0.1:\d+`)
	said := ""
	for _, path := range []string{"/api/v1/query?query=up", "/state", "/"} {
		r, err := http.Get(at + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r.Body)
		if err := errors.Join(err, r.Body.Close()); err != nil {
			t.Fatal(err)
		}
		said += string(body)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	if !strings.Contains(said, "http://user:xxxxx@127.0.0.1:1 does not answer") || strings.Contains(said+out.String(), canary) {
		t.Errorf("the page and the terminal have %.2000s", said+out.String())
	}
}
