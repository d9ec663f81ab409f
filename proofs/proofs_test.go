package proofs_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/obsgen/obsgen/proofs"
)

const files = `groups:
  - name: g
    rules:
      - record: a:b:rate5m
        expr: rate(b_total[5m])
      - record: c:d:rate5m
        expr: rate(d_total[5m])
      - alert: Direct
        expr: d_total > 1
      - alert: Recorded
        expr: a:b:rate5m > 1
        for: 5m
`

// TestForms changes one thing after the other, and says whose forms change.
func TestForms(t *testing.T) {
	known := map[string]int{"b_total": 1, "d_total": 1}
	forms := func(text string) map[string]string {
		out := map[string]string{}
		got, err := proofs.Forms(map[string][]byte{"f.yaml": []byte(text)}, nil, func(s string) any { return known[s] })
		if err != nil {
			t.Fatal(err)
		}
		for k, f := range got {
			if k.File != "f.yaml" || k.Group != "g" {
				t.Errorf("%+v", k)
			}
			out[f.Alert] = f.Digest
		}
		return out
	}
	usual := forms(files)
	changed := func(now map[string]string) string {
		var out []string
		for _, a := range []string{"Direct", "Recorded"} {
			if now[a] != usual[a] {
				out = append(out, a)
			}
		}
		return strings.Join(out, " ")
	}
	for _, c := range []struct{ old, new, want string }{
		{"", "", ""},
		{"rate(b_total[5m])", "rate(b_total[6m])", "Recorded"},
		{"rate(d_total[5m])", "rate(d_total[6m])", ""},
		{"for: 5m", "for: 6m", "Recorded"},
		{"d_total > 1", "d_total > 2", "Direct"},
		{"name: g\n", "name: g\n    interval: 2m\n", "Direct Recorded"},
	} {
		if got := changed(forms(strings.Replace(files, c.old, c.new, 1))); got != c.want {
			t.Errorf("%q for %q changes %q, and %q is wanted", c.new, c.old, got, c.want)
		}
	}
	known["b_total"] = 2
	if got := changed(forms(files)); got != "Recorded" {
		t.Errorf("what is known of b_total changes %q", got)
	}
	if _, err := proofs.Forms(map[string][]byte{"f.yaml": []byte("groups: [{name: g, rules: [{alert: A, expr: 'sum('}]}]")}, nil, func(string) any { return nil }); err == nil || !strings.Contains(err.Error(), "f.yaml") {
		t.Errorf("a broken file gives %v", err)
	}
}

func TestFile(t *testing.T) {
	dir := t.TempDir()
	if _, any, err := proofs.Read(dir); any || err != nil {
		t.Errorf("without a file: %v, %v", any, err)
	}
	want := map[string]proofs.Proof{"2": {"B", "2", "x: <1>\n"}, "1": {"A", "1", "y"}}
	data, err := proofs.Encode(want)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, proofs.FileName)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	got, any, err := proofs.Read(dir)
	if err != nil || !any {
		t.Fatal(any, err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(string(data), "<1>") || strings.Index(string(data), `"A"`) > strings.Index(string(data), `"B"`) {
		t.Errorf("it is written as\n%s", data)
	}
	if err := os.WriteFile(path, []byte(`[{"alert": 1}]`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := proofs.Read(dir); err == nil || !strings.Contains(err.Error(), "obsgen prove --save") {
		t.Errorf("a broken file gives %v", err)
	}
}
