package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestMisuse looks at what the program says of arguments that it cannot use: one line on stderr, and exit code 2.
func TestMisuse(t *testing.T) {
	faulty := filepath.Join(t.TempDir(), "mocks.yaml")
	if err := os.WriteFile(faulty, []byte("mocks: [{route: GET}]"), 0o600); err != nil {
		t.Fatal(err)
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"serve"}, `"serve" is no flag; see mockforged --help`},
		{[]string{"--nonsense"}, "flag provided but not defined: -nonsense"},
		{[]string{"--day", "0s"}, "--day and --rate are above 0"},
		{[]string{"--mocks", filepath.Join(t.TempDir(), "none.yaml")}, "no such file"},
		{[]string{"--mocks", faulty}, `the route "GET" is not a new one`},
		{[]string{"--http", taken.Addr().String()}, "listening for HTTP: "},
	} {
		var out, errs bytes.Buffer
		if code := run(context.Background(), c.args, &out, &errs); code != 2 || !strings.Contains(errs.String(), c.want) || out.Len() > 0 {
			t.Errorf("%v: exit code %d, %q, %q; want %q", c.args, code, out.String(), errs.String(), c.want)
		}
	}
	var errs bytes.Buffer
	if code := run(context.Background(), []string{"--help"}, &bytes.Buffer{}, &errs); code != 0 || !strings.Contains(errs.String(), "mockforged --load") {
		t.Errorf("--help: exit code %d, %q", code, errs.String())
	}
}

// TestRunsAndStops runs the program with its load for a moment: it says where it listens, and stops without a fault.
func TestRunsAndStops(t *testing.T) {
	args := []string{"--load", "--for", "1500ms"}
	for _, port := range []string{"http", "websocket", "grpc", "smtp", "mqtt", "admin", "metrics"} {
		args = append(args, "--"+port, "127.0.0.1:0")
	}
	for name, interrupted := range map[string]bool{"by --for": false, "by an interrupt": true} {
		ctx, stop := context.WithCancel(t.Context())
		if interrupted {
			time.AfterFunc(500*time.Millisecond, stop)
		}
		var out, errs bytes.Buffer
		begin := time.Now()
		if code := run(ctx, args, &out, &errs); code != 0 {
			t.Errorf("%s: exit code %d: %s", name, code, errs.String())
		}
		if took := time.Since(begin); interrupted != (took < 1400*time.Millisecond) {
			t.Errorf("%s: it took %s", name, took)
		}
		if !strings.Contains(out.String(), "/metrics\n") {
			t.Errorf("%s: it says %q", name, out.String())
		}
		stop()
	}
}

// TestListensOnLoopback wants all addresses on the loopback interface unless a flag opens them, and that the container's command
// does.
func TestListensOnLoopback(t *testing.T) {
	dockerfile, err := os.ReadFile("Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	_, entry, _ := strings.Cut(string(dockerfile), "\nENTRYPOINT ")
	var container []string
	if err := json.Unmarshal([]byte(entry), &container); err != nil || len(container) < 1 {
		t.Fatalf("the Dockerfile's entry point %q: %v", entry, err)
	}
	for name, c := range map[string]struct {
		args  []string
		hosts string // of HTTP, WebSocket, gRPC, SMTP, MQTT, administration, metrics
	}{
		"without a flag":   {nil, "local local local local local local local"},
		"in the container": {container[1:], "all all all all all all all"},
		"one of them":      {[]string{"--metrics", "0.0.0.0:0"}, "local local local local local local all"},
	} {
		args := []string{"--for", "1ms"}
		for _, port := range []string{"http", "websocket", "grpc", "smtp", "mqtt", "admin", "metrics"} {
			args = append(args, "--"+port, ":0")
		}
		var out, errs bytes.Buffer
		if code := run(t.Context(), append(args, c.args...), &out, &errs); code != 0 {
			t.Errorf("%s: exit code %d: %s", name, code, errs.String())
		}
		var hosts []string
		for line := range strings.Lines(out.String()) {
			switch {
			case strings.Contains(line, "127.0.0.1:"):
				hosts = append(hosts, "local")
			case strings.Contains(line, "localhost:"): // which is how it names all interfaces
				hosts = append(hosts, "all")
			}
		}
		if got := strings.Join(hosts, " "); got != c.hosts {
			t.Errorf("%s: it listens on %s, want %s:\n%s", name, got, c.hosts, out.String())
		}
	}
}
