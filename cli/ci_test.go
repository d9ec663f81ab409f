package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/obsgen/obsgen/cli"
	"github.com/obsgen/obsgen/mockforge"
)

const badRule = "groups:\n  - name: g\n    rules:\n      - record: a:b:c\n        expr: histogram_quantile(0.9, sum(rate(x_bucket[5m])))\n"

// TestHooks runs the entries of the pre-commit hooks as pre-commit would.
func TestHooks(t *testing.T) {
	data, err := os.ReadFile("../.pre-commit-hooks.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var hooks []struct {
		ID    string `yaml:"id"`
		Entry string `yaml:"entry"`
		Files string `yaml:"files"`
		Pass  *bool  `yaml:"pass_filenames"`
	}
	if err := yaml.Unmarshal(data, &hooks); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, h := range hooks {
		seen[h.ID] = true
		files, err := regexp.Compile(h.Files)
		if err != nil {
			t.Errorf("%s: %v", h.ID, err)
		}
		words := strings.Fields(h.Entry)
		switch {
		case words[0] == "obsgen":
			dir := t.TempDir()
			staged := filepath.Join("rules", "a.yaml")
			if !files.MatchString(staged) {
				t.Errorf("%s does not take %s", h.ID, staged)
			}
			if err := os.MkdirAll(filepath.Join(dir, "rules"), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, staged), []byte(badRule), 0o644); err != nil {
				t.Fatal(err)
			}
			var out, stderr bytes.Buffer
			env := &cli.Env{Project: mockforge.Project, Dir: dir, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &stderr}
			if code := cli.Run(context.Background(), env, append(words[1:], staged)); code != cli.ExitFindings || !strings.Contains(out.String(), "hist/no-le") {
				t.Errorf("%s exits %d: %s%s", h.ID, code, out.String(), stderr.String())
			}
		case words[0] == "go":
			cmd := exec.Command(words[0], words[1:]...)
			cmd.Dir = ".."
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%s: %v\n%s", h.ID, err, out)
			}
		default:
			t.Errorf("%s runs %s", h.ID, h.Entry)
		}
	}
	if !seen["obsgen-lint"] || !seen["obsgen-build-check"] {
		t.Errorf("hooks %v", seen)
	}
}

// TestWorkflow runs what the example of a workflow runs, and reads the report as the upload would.
func TestWorkflow(t *testing.T) {
	data, err := os.ReadFile("../examples/ci/github.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var w struct {
		Jobs map[string]struct {
			Steps []struct {
				Run  string            `yaml:"run"`
				With map[string]string `yaml:"with"`
			} `yaml:"steps"`
		} `yaml:"jobs"`
	}
	if err := yaml.Unmarshal(data, &w); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "monitoring"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "monitoring", "a.yaml"), []byte(badRule), 0o644); err != nil {
		t.Fatal(err)
	}
	ran := false
	for _, s := range w.Jobs["lint"].Steps {
		_, command, ok := strings.Cut(s.Run, "cmd/obsgen@latest ")
		if !ok {
			continue
		}
		args, file, _ := strings.Cut(command, " > ")
		var out, stderr bytes.Buffer
		env := &cli.Env{Project: mockforge.Project, Dir: dir, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &stderr}
		if code := cli.Run(context.Background(), env, strings.Fields(args)); code != cli.ExitFindings {
			t.Errorf("%s exits %d: %s", args, code, stderr.String())
		}
		var report struct {
			Runs []struct {
				Results []struct{ RuleID string } `json:"results"`
			} `json:"runs"`
		}
		if err := json.Unmarshal(out.Bytes(), &report); err != nil || len(report.Runs) != 1 || len(report.Runs[0].Results) != 1 {
			t.Errorf("%s holds %s: %v", file, out.String(), err)
		}
		ran = true
	}
	if !ran {
		t.Error("no step runs obsgen")
	}
}
