package cli_test

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/obsgen/obsgen/cli"
)

// canary is what must never be seen.
const canary = "cAnArY7"

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

// hostile are servers that give an answer of each kind: none, one that a terminal would obey, and a redirect to another host.
func hostile(t *testing.T) []string {
	t.Helper()
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("another host is asked for %s with %v", r.URL, r.Header)
	}))
	redirects := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+r.URL.Path, http.StatusTemporaryRedirect)
	}))
	says := func(status int, kind, body string) *httptest.Server {
		return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			w.WriteHeader(status)
			fmt.Fprint(w, body)
		}))
	}
	const evil = "no\x1b[31m\nobsgen: forged"
	servers := []*httptest.Server{
		redirects, says(http.StatusBadRequest, "text/plain", evil), says(http.StatusOK, "text/plain", "m_total 1\n"+evil),
		says(http.StatusBadRequest, "application/json", `{"status":"error","errorType":"bad_data","error":"no\u001b[31m\nobsgen: forged"}`),
		says(http.StatusOK, "application/json", `{"status":"success","data":{"resultType":"matrix","result":[]}}`),
		says(http.StatusOK, "text/plain", "m_total{a=\"\x1b[31m\"} 1\n"),
	}
	out := []string{"127.0.0.1:1"}
	for _, s := range append(servers, other) {
		t.Cleanup(s.Close)
		if s != other {
			out = append(out, strings.TrimPrefix(s.URL, "http://"))
		}
	}
	return out
}

// TestSecrets gives every command passwords and headers, and looks for them in all that it prints and writes.
func TestSecrets(t *testing.T) {
	t.Setenv("OBSGEN_SIM", filepath.Join(t.TempDir(), "none"))
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	_, help, _ := run(t, "help")
	lines := []string{
		"deploy grafana --url URL --header X-Api-Key:" + canary,
		"deploy ruler --url URL --tenant " + canary,
		"deploy ruler --url URL --apply --token-file token",
		"deploy kubernetes --url URL --namespace n --header Authorization:" + canary,
		"gate --prometheus URL --report r.md --header X-Api-Key:" + canary,
		"gate --prometheus URL --report r.html --json --skip MockForgeDown",
		"check-exposition URL",
		"check-exposition --json URL",
		// What these take is no address, and a user may think so.
		"lint --catalog URL good.yaml", "lint URL", "lint --baseline URL good.yaml", "preview URL", "diff URL", "diff URL --readers URL", "build --only URL --check",
		"list metrics --unwritten URL", "explain URL", "gate --scrapes URL,URL --elapsed 1m", "test URL", "scenario URL", "snapshot URL", "version URL",
		"backtest --prometheus URL --header X-Api-Key:" + canary, "serve --scrape URL", "prove --rules URL", "completion URL",
		"deploy grafana --url URL --header " + canary, "gate --prometheus URL --header " + canary,
	}
	for line := range strings.Lines(help) {
		name, _, ok := strings.Cut(strings.TrimSpace(line), " ")
		if ok && strings.HasPrefix(line, "  ") && !strings.HasPrefix(name, "-") && name != "obsgen" && name != "help" &&
			!slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, name+" ") }) {
			t.Errorf("no line has the command %s", name)
		}
	}
	var addresses []string
	for _, at := range hostile(t) {
		addresses = append(addresses, "http://user:"+canary+"@"+at)
	}
	addresses = append(addresses, "http://user:"+canary+"@ho st/", "http://user:"+canary+"@host:port/", "user:"+canary+"@localhost:1", "ftp://user:"+canary+"@host")
	for _, line := range lines {
		for i, url := range addresses {
			server := strings.Contains(line, "--url") || strings.Contains(line, "--prometheus") || strings.HasPrefix(line, "check-exposition")
			if !server && i > 0 || strings.HasPrefix(line, "check-exposition") && !strings.HasPrefix(url, "http") {
				continue // nobody is asked, or it is a file
			}
			dir := t.TempDir()
			err := errors.Join(os.WriteFile(filepath.Join(dir, "good.yaml"), []byte(goodRule), 0o600), os.WriteFile(filepath.Join(dir, "token"), []byte(canary), 0o600))
			if err != nil {
				t.Fatal(err)
			}
			var args []string
			for _, a := range strings.Fields(line) {
				args = append(args, strings.ReplaceAll(a, "URL", url))
			}
			_, stdout, stderr := runIn(dir, args...)
			if err := os.Remove(filepath.Join(dir, "token")); err != nil {
				t.Fatal(err)
			}
			for where, text := range map[string]string{"stdout": stdout, "stderr": stderr, "files": filesBelow(t, dir)} {
				if strings.Contains(text, canary) {
					t.Errorf("obsgen %s: %s has the secret:\n%s", strings.Join(args, " "), where, text)
				}
				if strings.Contains(text, "\x1b") || strings.Contains(text, "\nobsgen: forged") {
					t.Errorf("obsgen %s: %s has what the server made up: %q", strings.Join(args, " "), where, text)
				}
			}
		}
	}
	if strings.Contains(filesBelow(t, os.Getenv("XDG_CACHE_HOME")), canary) {
		t.Error("the cache has the secret")
	}
}

// TestPasswordsInConfiguration are refused where files would publish them.
func TestPasswordsInConfiguration(t *testing.T) {
	for _, key := range []string{"grafanaURL", "runbookURL", "prometheusURL"} {
		dir := t.TempDir()
		config := "profiles:\n  production:\n    " + key + ": http://user:" + canary + "@example.org\n"
		if err := os.WriteFile(filepath.Join(dir, "obsgen.yaml"), []byte(config), 0o600); err != nil {
			t.Fatal(err)
		}
		code, stdout, stderr := runIn(dir, "build")
		if code != cli.ExitMisuse || !strings.Contains(stderr, key+" has a password") || strings.Contains(stdout+stderr, canary) {
			t.Errorf("%s: build exits %d: %s%s", key, code, stdout, stderr)
		}
	}
}
