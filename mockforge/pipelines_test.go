package mockforge_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/obsgen/obsgen/internal/testkit/optional"
)

// TestPipelines carries out each command of the examples for CI, as their runners do: in a repository with a revision to
// compare with, with servers to deploy to, and a load test that is short.
func TestPipelines(t *testing.T) {
	optional.Slow(t)
	t.Parallel() // it waits most of the time
	dir := copyOfRepository(t)
	git := func(args ...string) string {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-c", "user.name=A", "-c", "user.email=a@example.org"}, args...)...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	if err := os.RemoveAll(filepath.Join(dir, ".git")); err != nil {
		t.Fatal(err)
	}
	git("init", "-q", ".")
	git("add", "out")
	git("commit", "-q", "-m", "what was")
	var written atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, "/api/") && r.Header.Get("Authorization") != "Bearer a-token":
			w.WriteHeader(http.StatusUnauthorized)
		case strings.HasPrefix(r.URL.Path, "/prometheus/") && r.Header.Get("X-Scope-OrgID") != "team":
			w.WriteHeader(http.StatusUnauthorized)
		case r.URL.Path == "/api/search":
			_, _ = w.Write([]byte("[]"))
		case r.Method == http.MethodGet:
			http.NotFound(w, r)
		default:
			written.Add(1)
			_, _ = w.Write([]byte("{}"))
		}
	}))
	defer server.Close()
	summary := filepath.Join(t.TempDir(), "summary.md")
	env := append(os.Environ(),
		"BASE="+git("rev-parse", "HEAD"), "GITHUB_STEP_SUMMARY="+summary, "GRAFANA_URL="+server.URL, "GRAFANA_TOKEN=a-token", "MIMIR_URL="+server.URL, "MIMIR_TENANT=team",
		"LOAD=12", "METRICS="+free(t), "FLAGS=--rate 150 --http 127.0.0.1:0 --websocket 127.0.0.1:0 --grpc 127.0.0.1:0 --smtp 127.0.0.1:0 --mqtt 127.0.0.1:0 --admin 127.0.0.1:0",
	)
	commands := map[string][]string{"github": githubCommands(t), "gitlab": gitlabCommands(t)}
	done := map[string]bool{}
	for name, list := range commands {
		if len(list) < 5 {
			t.Errorf("%s has %d commands", name, len(list))
		}
		for _, command := range list {
			if done[command] {
				continue // both have it
			}
			done[command] = true
			cmd := exec.Command("bash", "-e", "-o", "pipefail", "-c", command)
			cmd.Dir, cmd.Env = dir, env
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%s: %s: %v\n%s", name, command, err, out)
			}
		}
	}
	if n := written.Load(); n != 17 {
		t.Errorf("%d objects were deployed: 1 folder, 8 dashboards and 8 groups of rules are declared", n)
	}
	for path, want := range map[string]string{
		summary: "### Observability: nothing changed", filepath.Join(dir, "report.md"): "Between two scrapes, 12 seconds apart", filepath.Join(dir, "lint.xml"): "<testsuite",
		filepath.Join(dir, "diff.md"): "nothing changed",
	} {
		if data, err := os.ReadFile(path); err != nil || !strings.Contains(string(data), want) {
			t.Errorf("%s: %v, no %s in\n%s", filepath.Base(path), err, want, data)
		}
	}
}

func githubCommands(t *testing.T) (out []string) {
	t.Helper()
	var w struct {
		Jobs map[string]struct {
			Steps []struct{ Run string }
		}
	}
	example(t, "github-project.yaml", &w)
	for _, job := range []string{"check", "deploy"} {
		for _, s := range w.Jobs[job].Steps {
			if s.Run != "" {
				out = append(out, s.Run)
			}
		}
	}
	return out
}

func gitlabCommands(t *testing.T) (out []string) {
	t.Helper()
	var jobs map[string]any
	example(t, "gitlab.yaml", &jobs)
	for _, job := range []string{"stale", "lint", "diff", "load-test", "rules"} {
		of, ok := jobs[job].(map[string]any)
		if !ok {
			t.Fatalf("there is no job %s", job)
		}
		for _, s := range of["script"].([]any) {
			out = append(out, s.(string))
		}
	}
	return out
}

func example(t *testing.T, name string, into any) {
	t.Helper()
	data, err := os.ReadFile("../examples/ci/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(data, into); err != nil {
		t.Fatal(err)
	}
}

// TestPipelineDocs holds docs/ci.md against the files that it shows.
func TestPipelineDocs(t *testing.T) {
	data, err := os.ReadFile("../docs/ci.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := regexp.MustCompile("(?s)<!-- (\\S+) -->\n```\\w+\n(.*?)```\n").FindAllStringSubmatch(string(data), -1)
	for _, m := range shown {
		file, err := os.ReadFile(filepath.Join("..", m[1]))
		if err != nil {
			t.Error(err)
		} else if string(file) != m[2] {
			t.Errorf("docs/ci.md shows another %s", m[1])
		}
	}
	if len(shown) < 5 {
		t.Errorf("docs/ci.md shows %d files", len(shown))
	}
}
