//go:build unix

package cli_test

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
	"github.com/obsgen/obsgen/mockforge"
)

const goodRule = "groups:\n- name: g\n  rules:\n  - {record: 'job:up:sum', expr: sum by (job) (up)}\n"

// runIn carries out a command line of the flagship in a folder.
func runIn(dir string, args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	env := &cli.Env{Project: mockforge.Project, Dir: dir, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &err}
	code = cli.Run(context.Background(), env, args)
	return code, out.String(), err.String()
}

// TestPipesAndDevices names what is no regular file wherever a command reads one: it says so, and neither waits nor fills memory.
func TestPipesAndDevices(t *testing.T) {
	t.Setenv("OBSGEN_SIM", filepath.Join(t.TempDir(), "none"))
	for _, tt := range []struct{ pipe, config, line string }{
		{"p.yaml", "", "lint p.yaml"},
		{"p.yaml", "", "lint --catalog none p.yaml good.yaml"},
		{"p", "", "lint /dev/zero"},
		{"p", "", "lint --catalog p good.yaml"},
		{"p", "", "lint --catalog /dev/zero good.yaml"},
		{"p", "", "lint --baseline p good.yaml"},
		{"obsgen.yaml", "", "lint --catalog none good.yaml"},
		{"p.yaml", "fragments: [p.yaml]\n", "list metrics"},
		{"proofs.json", "", "build"},
		{"p", "", "gate --scrapes p,good.yaml --elapsed 1m"},
		{"p", "", "gate --scrapes good.yaml,/dev/zero --elapsed 1m"},
		{"p", "", "diff old --readers p"},
		{"p", "", "check-exposition p"},
		{"p", "", "check-exposition /dev/zero"},
		{"p", "", "deploy grafana --url http://localhost:1 --token-file p"},
		{"p.json", "", "preview p.json"},
	} {
		dir := t.TempDir()
		err := errors.Join(os.WriteFile(filepath.Join(dir, "good.yaml"), []byte(goodRule), 0o600), syscall.Mkfifo(filepath.Join(dir, tt.pipe), 0o600),
			os.Mkdir(filepath.Join(dir, "old"), 0o700), os.WriteFile(filepath.Join(dir, "old", "rules.yaml"), []byte(goodRule), 0o600))
		if tt.config != "" {
			err = errors.Join(err, os.WriteFile(filepath.Join(dir, "obsgen.yaml"), []byte(tt.config), 0o600))
		}
		if err != nil {
			t.Fatal(err)
		}
		code, _, stderr := runIn(dir, strings.Fields(tt.line)...)
		if code != cli.ExitMisuse || !strings.Contains(stderr, "not a regular file") {
			t.Errorf("obsgen %s exits %d: %s", tt.line, code, stderr)
		}
	}
}

// TestPipesAmongFiles are skipped, as are links to them, and a link to a file is read.
func TestPipesAmongFiles(t *testing.T) {
	dir := t.TempDir()
	err := errors.Join(os.Mkdir(filepath.Join(dir, "d"), 0o700), syscall.Mkfifo(filepath.Join(dir, "d", "p.yaml"), 0o600), os.Symlink("p.yaml", filepath.Join(dir, "d", "link.json")),
		os.Symlink("/dev/zero", filepath.Join(dir, "d", "zero.yaml")), os.Symlink("loop.yaml", filepath.Join(dir, "d", "loop.yaml")),
		os.WriteFile(filepath.Join(dir, "bad.txt"), []byte(strings.ReplaceAll(goodRule, "sum by", "sum buy")), 0o600), os.Symlink("../bad.txt", filepath.Join(dir, "d", "bad.yaml")),
		os.WriteFile(filepath.Join(dir, "d", "good.yaml"), []byte(goodRule), 0o600))
	if err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := runIn(dir, "lint", "--catalog", "none", "d")
	if code != cli.ExitFindings || !strings.Contains(stdout, "d/bad.yaml:") || strings.Contains(stdout+stderr, "p.yaml") {
		t.Errorf("lint exits %d: %s%s", code, stdout, stderr)
	}
	if code, _, stderr := runIn(dir, "diff", "d", "d"); code != cli.ExitGood {
		t.Errorf("diff exits %d: %s", code, stderr)
	}
}

// TestFixKeepsTheFile behind a link, and its owner, mode and other names.
func TestFixKeepsTheFile(t *testing.T) {
	const fixable = "groups:\n- name: g\n  rules:\n  - record: job:up:sum\n    expr: sum by (job) (up{job=~\"a\"})\n"
	for name, make := range map[string]func(real, given string) error{
		"symbolic link": os.Symlink, "hard link": os.Link,
	} {
		dir := t.TempDir()
		real, given := filepath.Join(dir, "r.yaml"), filepath.Join(dir, "l.yaml")
		if err := errors.Join(os.WriteFile(real, []byte(fixable), 0o640), make(real, given)); err != nil {
			t.Fatal(err)
		}
		before, err := os.Lstat(given)
		if err != nil {
			t.Fatal(err)
		}
		if code, _, stderr := runIn(dir, "lint", "--catalog", "none", "--fix", "l.yaml"); code != cli.ExitGood {
			t.Errorf("%s: lint --fix exits %d: %s", name, code, stderr)
		}
		after, err := os.Lstat(given)
		if err != nil || before.Mode() != after.Mode() {
			t.Errorf("%s: it was %v, and is %v, %v", name, before.Mode(), after.Mode(), err)
		}
		data, err := os.ReadFile(real)
		if err != nil || strings.Contains(string(data), "=~") {
			t.Errorf("%s: the file is not changed: %s, %v", name, data, err)
		}
	}
}
