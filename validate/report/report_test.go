package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/internal/golden"
	"github.com/obsgen/obsgen/validate"
)

var sample = []diag.Finding{
	{ID: "hist/no-le", Severity: diag.Error, At: diag.Position{File: "rules/a b.yaml", Line: 7, Col: 15, EndCol: 40}, Subject: "Slow", Message: `histogram_quantile() of "series" <without> le & more`, Why: "two\nlines, 100% true", Mend: "keep le",
		Related: []diag.Related{{At: diag.Position{File: "rules/c.yaml", Line: 2, Col: 3}, Message: "recorded here"}}},
	{ID: "regex/literal", Severity: diag.Info, At: diag.Position{File: "boards/ü.json", Line: 1, Col: 1}, Message: "a \x01 control character, a, comma: and a colon", Mend: "use ="},
	{ID: "own/check", Severity: diag.Warning, At: diag.Position{File: "rules/a b.yaml"}, Message: "no place", Mend: "none"},
}

var tool = Tool{"obsgen", "1.2.3", "https://github.com/obsgen/obsgen", validate.Docs()}

func TestGolden(t *testing.T) {
	for _, format := range Formats() {
		var b bytes.Buffer
		if err := Write(&b, format, sample, tool); err != nil {
			t.Fatal(err)
		}
		golden.File(t, filepath.Join("testdata", format+".golden"), b.Bytes())
	}
	if err := Write(io.Discard, "yaml", nil, tool); err == nil || !strings.Contains(err.Error(), "there are checkstyle, github, json, junit, sarif") {
		t.Errorf("an unknown format: %v", err)
	}
}

// TestReadable lets the readers of JSON and XML read what is written, with nothing, and with text that is awkward.
func TestReadable(t *testing.T) {
	for _, fs := range [][]diag.Finding{nil, sample} {
		for _, format := range Formats() {
			var b bytes.Buffer
			if err := Write(&b, format, fs, tool); err != nil {
				t.Fatal(err)
			}
			switch format {
			case "json", "sarif":
				if !json.Valid(b.Bytes()) {
					t.Errorf("%s is no JSON: %s", format, b.String())
				}
			case "checkstyle", "junit":
				d := xml.NewDecoder(&b)
				for {
					_, err := d.Token()
					if err == io.EOF {
						break
					}
					if err != nil {
						t.Errorf("%s is no XML: %v", format, err)
						break
					}
				}
			case "github":
				if n := strings.Count(b.String(), "\n"); n != len(fs) {
					t.Errorf("%d findings take %d lines:\n%s", len(fs), n, b.String())
				}
			}
		}
	}
}

func TestFingerprints(t *testing.T) {
	moved := make([]diag.Finding, len(sample))
	copy(moved, sample)
	for i := range moved {
		moved[i].At.Line += 100
		moved[i].At.Col = 1
	}
	if d := cmp.Diff(Fingerprints(sample), Fingerprints(moved)); d != "" {
		t.Errorf("they changed with the lines: %s", d)
	}
	twice := Fingerprints(append(append([]diag.Finding{}, sample[0]), sample[0]))
	if twice[0] == twice[1] || !strings.HasPrefix(twice[1], twice[0]) {
		t.Errorf("equal findings have %v", twice)
	}
}

func TestBaseline(t *testing.T) {
	file := filepath.Join(t.TempDir(), "baseline.json")
	if err := WriteBaseline(file, sample[:2]); err != nil {
		t.Fatal(err)
	}
	b, err := ReadBaseline(file)
	if err != nil {
		t.Fatal(err)
	}
	fresh, known, gone := b.Filter(sample[1:])
	if len(fresh) != 1 || fresh[0].ID != "own/check" || known != 1 || gone != 1 {
		t.Errorf("%d fresh, %d known, %d gone", len(fresh), known, gone)
	}
	for text, want := range map[string]string{"{": "at byte 1", `[{}]`: "entry 1 has no fingerprint", `{"a": 1}`: "cannot unmarshal"} {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadBaseline(file); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: %v", text, err)
		}
	}
	if _, err := ReadBaseline(file + ".none"); err == nil {
		t.Error("a file that is not there is read")
	}
}

func FuzzBaseline(f *testing.F) {
	f.Add([]byte(`[{"fingerprint": "a"}]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if b, err := parseBaseline(data); err == nil {
			b.Filter(sample)
		}
	})
}
