package sim_test

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/obsgen/obsgen/cli"
	"github.com/obsgen/obsgen/cli/sim"
)

// output is written by one and read by another.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// until waits for what the text matches.
func (o *output) until(t testing.TB, re string) string {
	t.Helper()
	want := regexp.MustCompile(re)
	for range 300 {
		if m := want.FindString(o.String()); m != "" {
			return m
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("%s was waited for in\n%s", re, o.String())
	return ""
}

const ruleText = `groups:
  - name: g
    rules:
      - alert: Many
        expr: x > LIMIT
`

const tests = `rule_files: [rules.yaml]
evaluation_interval: 1m
tests:
  - input_series: [{series: x, values: 5x10}]
    alert_rule_test: [{eval_time: 5m, alertname: Many, exp_alerts: [{}]}]
`

// TestWatch changes the rules of one of two tests, so that it fails, changes them back, and adds a test.
func TestWatch(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("a/rules.yaml", strings.Replace(ruleText, "LIMIT", "1", 1))
	write("a/a_test.yaml", tests)
	write("b/rules.yaml", strings.Replace(ruleText, "LIMIT", "1", 1))
	write("b/b_test.yaml", tests)
	var out output
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan int, 1)
	go func() { done <- sim.Run(ctx, &sim.Env{Stdout: &out, Stderr: &out}, []string{"test", "--watch", dir}) }()
	out.until(t, `2 groups of tests in 2 files passed\nwaiting`)
	write("a/rules.yaml", strings.Replace(ruleText, "LIMIT", "9", 1))
	out.until(t, `runs again: \S+a_test.yaml\n(?s:.*)1 of 1 groups of tests in 1 file failed\nwaiting`)
	write("a/rules.yaml", strings.Replace(ruleText, "LIMIT", "2", 1))
	out.until(t, `failed\n(?s:.*)1 group of tests in 1 file passed\nwaiting`)
	write("b/c_test.yaml", tests)
	out.until(t, `runs again: \S+c_test.yaml\n`)
	stop()
	if code := <-done; code != cli.ExitGood {
		t.Errorf("it ends with %d", code)
	}
}

// TestServe starts the server on a free port, asks it, and stops it.
func TestServe(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "rules.yaml")
	if err := os.WriteFile(path, []byte(strings.Replace(ruleText, "LIMIT", "1", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	project := filepath.Join(dir, "project.json")
	if err := os.WriteFile(project, []byte(`{"scenarios":{"job":"j","targets":["a:1"],"scrapeInterval":"1s","evaluationInterval":"1s",
		"metrics":[{"name":"x","type":"gauge","usual":5},{"name":"up","type":"gauge","scrape":true}],"scenarios":[{"name":"usual","before":"1m0s","lasts":"1m0s"}]}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	var out output
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan int, 1)
	go func() {
		done <- sim.Run(ctx, &sim.Env{Stdout: &out, Stderr: &out}, []string{"serve", "--rules=" + path, "--project=" + project, "--scenario=usual", "--history=5m", "--listen=127.0.0.1:0"})
	}()
	at := out.until(t, `http://127.0.0.1:\d+`)
	for _, c := range []struct {
		path string
		code int
	}{{"/api/v1/query?query=x", 200}, {"/api/v1/query?query=(", 400}, {"/-/ready", 200}, {"/", 404}} {
		r, err := http.Get(at + c.path)
		if err != nil {
			t.Fatal(err)
		}
		_ = r.Body.Close()
		if r.StatusCode != c.code {
			t.Errorf("%s: %s", c.path, r.Status)
		}
	}
	if code := sim.Run(t.Context(), &sim.Env{Stdout: &out, Stderr: &out}, []string{"serve", "--rules=" + path, "--listen=" + strings.TrimPrefix(at, "http://")}); code != cli.ExitMisuse {
		t.Errorf("where another listens it ends with %d", code)
	}
	stop()
	if code := <-done; code != cli.ExitGood {
		t.Errorf("it ends with %d: %s", code, out.String())
	}
}
