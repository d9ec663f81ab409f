package cli_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/obsgen/obsgen/cli"
)

// TestDeploy deploys the flagship to a server that has nothing: once without and once with --apply.
func TestDeploy(t *testing.T) {
	var mu sync.Mutex
	writes := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case r.URL.Path == "/api/search":
			_, _ = w.Write([]byte("[]"))
		case r.Method == http.MethodGet:
			http.NotFound(w, r)
		default:
			if r.URL.Query().Get("dryRun") == "" {
				writes++
			}
			_, _ = w.Write([]byte("{}"))
		}
	}))
	defer s.Close()
	for _, c := range []struct {
		args   string
		writes int
		want   string
	}{
		{"grafana", 9, "create   dashboard MockForge / Overview"},
		{"ruler --tenant mocks", 8, "create   rule group mockforge_requests"},
		{"ruler --cortex --namespace other", 8, "create   rule group mockforge_requests"},
		{"kubernetes --profile production", 19, "create   PrometheusRule mockforge-requests"},
		{"kubernetes --profile production --parts rules", 8, "create   PrometheusRule mockforge-requests"},
	} {
		writes = 0
		args := append([]string{"deploy", "--url", s.URL}, strings.Fields(c.args)...)
		code, out, _ := run(t, args...)
		if code != cli.ExitGood || writes != 0 || !strings.Contains(out, c.want+"\n") || !strings.Contains(out, " to be done, 0 that stay, 0 as declared\n") {
			t.Errorf("%s: exit code %d, %d writes\n%s", c.args, code, writes, out)
		}
		if code, _, stderr := run(t, append(args, "--check")...); code != cli.ExitFindings || !strings.Contains(stderr, "not as declared") {
			t.Errorf("%s --check: exit code %d, %s", c.args, code, stderr)
		}
		if code, out, stderr := run(t, append(args, "--apply")...); code != cli.ExitGood || writes != c.writes || !strings.Contains(out, " done, 0 as declared\n") {
			t.Errorf("%s --apply: exit code %d, %d writes\n%s%s", c.args, code, writes, out, stderr)
		}
	}
	for _, c := range []struct{ args, want string }{
		{"deploy", "deploy takes one of grafana, ruler, kubernetes"},
		{"deploy prometheus --url http://localhost:1", "deploy takes one of grafana, ruler, kubernetes"},
		{"deploy grafana", "say where to: --url ADDRESS"},
		{"deploy grafana --url localhost", `"localhost" is no address`},
		{"deploy grafana --url http://localhost:1", "looking at http://localhost:1: "},
		{"deploy grafana --url http://localhost:1 --header x", "--header is NAME: VALUE"},
		{"deploy grafana --url http://localhost:1 --token-file none", "no such file"},
		{"deploy grafana --url http://localhost:1 --apply --check", "name one"},
		{"deploy kubernetes --url " + s.URL + " --profile production --parts nothing", "there are no manifests in nothing"},
	} {
		if code, out, stderr := run(t, strings.Fields(c.args)...); code != cli.ExitMisuse || !strings.Contains(stderr, c.want) || out != "" {
			t.Errorf("%s: exit code %d, %s%s; want %s", c.args, code, out, stderr, c.want)
		}
	}
}
