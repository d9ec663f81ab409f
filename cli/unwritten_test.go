package cli_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/obsgen/obsgen/cli"
	"github.com/obsgen/obsgen/mockforge"
)

// TestUnwritten lists the metrics that no code of a folder makes a handle of.
func TestUnwritten(t *testing.T) {
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	list := func(args ...string) (int, string, string) {
		var out, stderr bytes.Buffer
		env := &cli.Env{Project: mockforge.Project, Dir: root, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &stderr}
		code := cli.Run(context.Background(), env, append([]string{"list"}, args...))
		return code, out.String(), stderr.String()
	}
	dir := t.TempDir()
	src := `package service

import (
	obs "github.com/obsgen/obsgen/instrument"
	"github.com/obsgen/obsgen/mockforge/metrics"
)

func start(r *obs.Registry) {
	_ = obs.NewCounter(r, metrics.RequestsTotal)
	_ = obs.OnlyGauge(r, metrics.MemoryUsage)
	_ = metrics.WSConnectionsTotal // read, not written
}
`
	if err := os.WriteFile(filepath.Join(dir, "a.go"), []byte(src), 0o644); err != nil {
		t.Fatal(err)
	}
	code, out, stderr := list("metrics", "--unwritten", dir)
	if code != cli.ExitGood || strings.Contains(out, "\n"+"mockforge_requests_total ") || strings.Contains(out, "\nmockforge_memory_usage_bytes ") || !strings.Contains(out, "\nmockforge_ws_connections_total ") {
		t.Errorf("exits %d with\n%s%s", code, out, stderr)
	}
	// The flagship's recorders write everything.
	if code, out, stderr := list("metrics", "--unwritten", "./mockforge/..."); code != cli.ExitGood || strings.Count(out, "\n") != 1 {
		t.Errorf("exits %d with\n%s%s", code, out, stderr)
	}
	if code, _, stderr := list("metrics", "--unwritten", "nowhere"); code != cli.ExitMisuse || !strings.Contains(stderr, "nowhere is no folder of Go code") {
		t.Errorf("exits %d with %s", code, stderr)
	}
	if code, _, stderr := list("alerts", "--unwritten", "."); code != cli.ExitMisuse || !strings.Contains(stderr, "--unwritten is for obsgen list metrics") {
		t.Errorf("exits %d with %s", code, stderr)
	}
}
