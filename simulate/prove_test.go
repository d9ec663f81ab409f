package simulate_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/obsgen/obsgen/internal/testkit/optional"
	"github.com/obsgen/obsgen/internal/toolchain"
	"github.com/obsgen/obsgen/simulate"
)

const flagship = "../out/prometheus/rules/*.yaml"

func read(t testing.TB, pattern string) *simulate.RuleSet {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatal(pattern, err)
	}
	set, err := simulate.ReadRules(paths, simulate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// TestFlagship proves every alert of the flagship, and has the real promtool run the tests that the proofs are written as.
func TestFlagship(t *testing.T) {
	t.Parallel()
	promtool := toolchain.Promtool(t)
	proofs, err := read(t, flagship).Prove(t.Context(), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	args, edges := []string{"test", "rules"}, 0
	for _, p := range proofs {
		if !p.Good() || p.Witness == nil {
			t.Errorf("%s: %+v", p.Alert, p)
			continue
		}
		if len(p.Changes) != 1 {
			t.Errorf("%s needs %d changes: %q", p.Alert, len(p.Changes), p.Changes)
		}
		if p.Edge != "" {
			edges++
		}
		if want := map[string]bool{"MockForgeTargetAbsent": true, "MockForgeTrafficSilence": true}[p.Alert]; p.Absent != want {
			t.Errorf("%s fires without data: %v", p.Alert, p.Absent)
		}
		data, err := p.Witness.Encode(dir)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, p.Alert+".yaml")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, path)
		f, err := simulate.Parse(path, data)
		if err != nil {
			t.Fatal(err)
		}
		if o := f.Run(t.Context(), f.Groups[0], simulate.Options{}); len(o.Failures) > 0 || len(o.Fired) == 0 {
			t.Errorf("%s: %+v", p.Alert, o.Failures)
		}
	}
	if len(proofs) < 31 || edges < 20 {
		t.Errorf("there are %d alerts, of which %d have a threshold that was found", len(proofs), edges)
	}
	if out, err := exec.Command(promtool, args...).CombinedOutput(); err != nil || strings.Count(string(out), "SUCCESS") != len(proofs) {
		t.Errorf("%v\n%s", err, out)
	}

	// Those that build has written, of both profiles, for teams without obsgen.
	args = args[:2]
	for _, pattern := range []string{"../out/prometheus/tests/*.yaml", "../out/profiles/production/prometheus/tests/*.yaml"} {
		written, err := filepath.Glob(pattern)
		if err != nil || len(written) != len(proofs) {
			t.Errorf("%s: %d tests for %d alerts, %v", pattern, len(written), len(proofs), err)
		}
		args = append(args, written...)
	}
	if out, err := exec.Command(promtool, args...).CombinedOutput(); err != nil || strings.Count(string(out), "SUCCESS") != 2*len(proofs) {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestProofs has an alert of each kind that something is wrong with, and good ones that need the search.
func TestProofs(t *testing.T) {
	t.Parallel()
	set := read(t, "testdata/prove/rules.yaml")
	set.Metric = func(series string) (simulate.Metric, bool) {
		m, ok := map[string]simulate.Metric{
			"requests_total": {Labels: map[string][]string{"path": nil, "code": {"ok", "bad"}}},
			"errors_total":   {Labels: map[string][]string{"path": nil, "kind": {"client", "server"}}, PartOf: "requests_total"},
			"cached_total":   {Labels: map[string][]string{"path": nil, "code": {"ok", "bad"}}, PartOf: "requests_total"},
			"memory_bytes":   {}, "workers": {}, "started_seconds": {}, "disk_free_bytes": {}, "delay_seconds_bucket": {}, "version": {},
		}[series]
		return m, ok
	}
	proofs, err := set.Prove(t.Context(), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	// What is expected stands in an annotation beside each.
	for _, p := range proofs {
		got := strings.Join(p.Changes, "; ")
		switch {
		case !p.Quiet:
			got = "always"
		case !p.Fires:
			got = p.Reason
		case !p.Resolves:
			got = "never resolves: " + got
		case p.Edge != "":
			got += "; fires " + p.Edge
		}
		if want := set.Annotation(p.Alert, "want"); got != want {
			t.Errorf("%s: %q, not %q", p.Alert, got, want)
		}
	}
}

// TestConditions has alerts that fire on all samples, on all series, and on some values, and one that the engine cannot evaluate.
func TestConditions(t *testing.T) {
	t.Parallel()
	set := read(t, "testdata/prove/conditions.yaml")
	set.Matrix = true
	proofs, err := set.Prove(t.Context(), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range proofs {
		got := map[simulate.Condition]string{simulate.OnValues: "values", simulate.OnPresence: "presence", simulate.Unconditional: "none"}[p.Condition]
		if p.Failure != "" {
			got = "fails"
			if !strings.Contains(p.Failure, "vector contains metrics with the same labelset after applying alert labels") {
				t.Errorf("%s fails with %q", p.Alert, p.Failure)
			}
		} else if len(p.Matrix) != len(simulate.Situations) {
			t.Errorf("%s has a matrix of %d", p.Alert, len(p.Matrix))
		}
		if want := set.Annotation(p.Alert, "want"); got != want {
			t.Errorf("%s: %s, not %s: %+v", p.Alert, got, want, p)
		}
		if good := got == "values" || got == "presence"; p.Good() != good {
			t.Errorf("%s: good is %v: %+v", p.Alert, p.Good(), p)
		}
	}
}

// TestMatrix has alerts that fire in one situation each, and in no other.
func TestMatrix(t *testing.T) {
	t.Parallel()
	set := read(t, "testdata/matrix/rules.yaml")
	set.Matrix = true
	proofs, err := set.Prove(t.Context(), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range proofs {
		var in []string
		for i, fires := range p.Matrix {
			if fires {
				in = append(in, string(simulate.Situations[i].Name))
			}
		}
		if got, want := strings.Join(in, ", "), set.Annotation(p.Alert, "in"); got != want || len(p.Matrix) != len(simulate.Situations) {
			t.Errorf("%s fires in %q, not %q", p.Alert, got, want)
		}
	}
}

// TestCorpusRules proves the alerts of public rule files, without a catalog: nearly all fire and resolve.
func TestCorpusRules(t *testing.T) {
	t.Parallel()
	dir := optional.Corpus(t, "rules")
	alerts, fire := 0, 0
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		set, err := simulate.ReadRules([]string{path}, simulate.Options{IgnoreUnknownFields: true})
		if err != nil {
			return nil // some are there to be refused
		}
		proofs, err := set.Prove(t.Context(), nil, nil)
		for _, p := range proofs {
			alerts++
			switch {
			case p.Fires:
				fire++
			case p.Quiet && p.Reason == "":
				t.Errorf("%s: %s does not fire, and nothing says why", path, p.Alert)
			}
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	t.Logf("%d of %d alerts fire", fire, alerts)
	if alerts < 200 || fire < alerts*95/100 {
		t.Errorf("%d of %d alerts fire", fire, alerts)
	}
}

func BenchmarkProveFlagship(b *testing.B) {
	set := read(b, flagship)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := set.Prove(b.Context(), nil, nil); err != nil {
			b.Fatal(err)
		}
	}
}

// FuzzParse shows that no text of a file of tests is a panic, and that what is read can be run.
func FuzzParse(f *testing.F) {
	paths, err := filepath.Glob("testdata/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, p := range paths {
		data, err := os.ReadFile(p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("tests: [{start_timestamp: .inf}]"))
	f.Add([]byte("tests: [&a {name: *a}]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := simulate.Parse("testdata/f_test.yaml", data)
		if err == nil && file == nil {
			t.Error("neither a file nor an error")
		}
	})
}
