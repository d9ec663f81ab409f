package mockforge_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/obsgen/obsgen/internal/testkit/optional"
)

// step is one block of CONTRIBUTING.md with the comment before it.
var step = regexp.MustCompile("(?s) *<!-- (append to|after this line of|insert) ?(\\S*) -->\n( *)```\\w*\n(.*?)\n *```")

// TestContributing does what CONTRIBUTING.md says, in a copy of the repository.
func TestContributing(t *testing.T) {
	optional.Slow(t)
	guide, err := os.ReadFile("../CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := copyOfRepository(t)
	edit := func(file string, f func(string) string) {
		t.Helper()
		at := filepath.Join(dir, filepath.FromSlash(file))
		data, err := os.ReadFile(at)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(f(string(data))), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	run := func(args ...string) (string, error) {
		cmd := exec.Command("go", args...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	file, after := "", ""
	steps := 0
	for _, m := range step.FindAllStringSubmatch(string(guide), -1) {
		var lines []string
		for line := range strings.Lines(m[4] + "\n") {
			lines = append(lines, strings.TrimPrefix(line, m[3]))
		}
		code := strings.Join(lines, "")
		switch m[1] {
		case "append to":
			steps++
			edit(m[2], func(s string) string { return s + "\n" + code })
			if strings.HasSuffix(m[2], ".txt") {
				// The guide now says that lint names the metric.
				out, err := run("run", "./cmd/obsgen", "lint")
				if err == nil || !strings.Contains(out, "metric/unread: no panel and no alert reads mockforge_smtp_queue_length") {
					t.Errorf("lint after the first recipe: %v\n%s", err, out)
				}
			}
		case "after this line of":
			file, after = m[2], strings.TrimSuffix(code, "\n")
		case "insert":
			steps++
			edit(file, func(s string) string {
				before, rest, ok := strings.Cut(s, after)
				if !ok {
					t.Fatalf("%s has no %q", file, after)
				}
				return before + after + "\n" + code + rest
			})
		}
	}
	if steps < 8 {
		t.Fatalf("CONTRIBUTING.md has %d steps", steps)
	}
	for _, args := range [][]string{
		{"run", "./cmd/obsgen", "lint"},
		{"run", "./cmd/obsgen", "build"},
		{"vet", "./mockforge/...", "./plan"},
		{"test", "-run", "ThoseOfTheServer", "./mockforge/metrics"},
		{"test", "-run", "FindingsAreDocumented", "./internal/imports"},
	} {
		if out, err := run(args...); err != nil {
			t.Errorf("go %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	page, err := os.ReadFile(filepath.Join(dir, "out/docs/alerts/MockForgeSMTPQueueLong.md"))
	if err != nil || !strings.Contains(string(page), "1,000 messages") && !strings.Contains(string(page), "1000 messages") {
		t.Errorf("the new alert's page: %v\n%s", err, page)
	}
}

// copyOfRepository copies the module without what git and builds leave in it.
func copyOfRepository(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	err := filepath.WalkDir("..", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel("..", p)
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); name == ".git" || name == "bin" || name == "node_modules" {
				return filepath.SkipDir
			}
			return os.MkdirAll(filepath.Join(dir, rel), 0o755)
		}
		data, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, rel), data, info.Mode().Perm())
	})
	if err != nil {
		t.Fatal(err)
	}
	return dir
}
