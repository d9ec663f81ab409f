package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/obsgen/obsgen/internal/dashcheck"
	"github.com/obsgen/obsgen/internal/toolchain"
)

// TestProgram runs the program as its comment says, and looks at what it writes.
func TestProgram(t *testing.T) {
	dir := t.TempDir()
	run := func(name string, args ...string) {
		t.Helper()
		cmd := exec.Command(name, args...)
		cmd.Env = append(os.Environ(), "NO_COLOR=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s %v: %v\n%s", name, args, err, out)
		}
	}
	program := filepath.Join(dir, "minimal")
	run("go", "build", "-o", program, ".")
	out := filepath.Join(dir, "out")
	run(program, "lint")
	run(program, "build", "--out", out)
	run(program, "build", "--out", out, "--check")
	run(toolchain.Promtool(t), "check", "config", "--lint=all", "--lint-fatal", filepath.Join(out, "prometheus", "prometheus.yml"))
	files, err := filepath.Glob(filepath.Join(out, "grafana", "dashboards", "*", "*.json"))
	if err != nil || len(files) != 1 {
		t.Fatalf("dashboards: %v, %v", files, err)
	}
	data, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range dashcheck.Check(map[string][]byte{files[0]: data}) {
		t.Error(fault)
	}
}
