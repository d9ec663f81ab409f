//go:build unix

package sim_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/obsgen/obsgen/cli"
	"github.com/obsgen/obsgen/cli/sim"
)

// TestPipesAndDevices names what is no regular file wherever a command reads rules or tests of them.
func TestPipesAndDevices(t *testing.T) {
	t.Chdir(t.TempDir())
	err := errors.Join(syscall.Mkfifo("p.yaml", 0o600), os.Mkdir("d", 0o700), syscall.Mkfifo(filepath.Join("d", "p.yaml"), 0o600),
		os.WriteFile("test.yaml", []byte("rule_files: [p.yaml]\ntests: [{interval: 1m, input_series: [], alert_rule_test: [{eval_time: 1m, alertname: A}]}]\n"), 0o600))
	if err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]string{
		"test p.yaml":                                  "not a regular file",
		"test /dev/zero":                               "not a regular file",
		"test test.yaml":                               "not a regular file",
		"prove --rules p.yaml":                         "not a regular file",
		"prove --rules /dev/zero":                      "not a regular file",
		"prove --rules d":                              "there are no files of rules in d",
		"backtest --rules p.yaml --scenario x":         "not a regular file",
		"serve --rules p.yaml --listen localhost:0":    "not a regular file",
		"serve --rules /dev/zero --listen localhost:0": "not a regular file",
	} {
		var stdout, stderr bytes.Buffer
		code := sim.Run(context.Background(), &sim.Env{Stdout: &stdout, Stderr: &stderr}, strings.Fields(line))
		if code == cli.ExitGood || !strings.Contains(stdout.String()+stderr.String(), want) {
			t.Errorf("obsgen %s exits %d: %s%s", line, code, stdout.String(), stderr.String())
		}
	}
}
