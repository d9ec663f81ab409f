package simulate_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/obsgen/obsgen/internal/testkit/optional"
	"github.com/obsgen/obsgen/internal/toolchain"
	"github.com/obsgen/obsgen/query"
	"github.com/obsgen/obsgen/simulate"
)

// ruleTests returns the files of rule tests below a folder.
func ruleTests(t testing.TB, dir string) []string {
	t.Helper()
	tests := regexp.MustCompile(`(?m)^(rule_files|tests):`)
	var out []string
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err == nil && tests.Match(data) {
			out = append(out, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestPromtool runs our own files of rule tests.
func TestPromtool(t *testing.T) { asPromtool(t, ruleTests(t, "testdata")) }

// TestCorpusPromtool runs public files of rule tests.
func TestCorpusPromtool(t *testing.T) {
	optional.Slow(t)
	asPromtool(t, ruleTests(t, optional.Corpus(t, "rule-tests")))
}

// asPromtool runs files of rule tests here and in the real promtool: both pass the same files, and where they do not, both name as many
// expectations.
func asPromtool(t *testing.T, paths []string) {
	t.Helper()
	promtool := toolchain.Promtool(t)
	var outs = make([][]byte, len(paths))
	var errs = make([]error, len(paths))
	var work errgroup.Group
	work.SetLimit(2)
	for i, path := range paths {
		work.Go(func() error {
			outs[i], errs[i] = exec.Command(promtool, "test", "rules", path).CombinedOutput()
			return nil
		})
	}
	_ = work.Wait() // no goroutine returns an error
	passed := 0
	for i, path := range paths {
		out, theirs := outs[i], errs[i] == nil
		report := simulate.RunFiles(t.Context(), []string{path}, nil, 2, simulate.Options{Features: query.Features{}})[0]
		if ours := !report.Failed(); ours != theirs {
			var b strings.Builder
			if err := simulate.Text(&b, []simulate.Report{report}); err != nil {
				t.Fatal(err)
			}
			t.Errorf("%s: promtool passes it: %v, here: %v\n%s\n%s", path, theirs, ours, out, b.String())
		}
		failures := 0
		for _, o := range report.Outcomes {
			failures += len(o.Failures)
		}
		if n := strings.Count(string(out), "got:") + strings.Count(string(out), ", err: "); !theirs && report.Err == nil && n > 0 && n != failures {
			t.Errorf("%s: promtool has %d failures, here are %d\n%s", path, n, failures, out)
		}
		if theirs {
			passed++
		}
	}
	t.Logf("%d files, of which both pass %d", len(paths), passed)
	if passed == 0 || passed == len(paths) {
		t.Errorf("%d of %d files pass: the files show nothing", passed, len(paths))
	}
}

// BenchmarkCorpusLargest runs the largest file of the corpus.
func BenchmarkCorpusLargest(b *testing.B) {
	corpus := optional.Corpus(b, "rule-tests")
	var largest string
	var size int64
	for _, p := range ruleTests(b, corpus) {
		if info, err := os.Stat(p); err == nil && info.Size() > size {
			largest, size = p, info.Size()
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		simulate.RunFiles(b.Context(), []string{largest}, nil, 2, simulate.Options{})
	}
}
