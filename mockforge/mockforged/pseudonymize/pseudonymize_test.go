package pseudonymize_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/internal/golden"
	"github.com/obsgen/obsgen/mockforge/instrument"
	"github.com/obsgen/obsgen/mockforge/mockforged/pseudonymize"
)

// TestFragmentIsWhatTheCodeDeclares keeps the file that obsgen reads the same as the metrics that the plugin writes.
func TestFragmentIsWhatTheCodeDeclares(t *testing.T) {
	data, err := json.Marshal(pseudonymize.Fragment)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := json.Indent(&out, data, "", "  "); err != nil {
		t.Fatal(err)
	}
	out.WriteByte('\n')
	golden.File(t, "fragment.json", out.Bytes())
	read, err := catalog.ParseFragment("fragment.json", out.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(read)
	if d := cmp.Diff(string(data), string(again)); err != nil || d != "" {
		t.Errorf("what was read is written as another (%v):\n%s", err, d)
	}
	for _, f := range read.Check() {
		t.Error(f)
	}
}

func TestPlugin(t *testing.T) {
	r, err := instrument.New()
	if err != nil {
		t.Fatal(err)
	}
	p, err := pseudonymize.Load(r.Registry())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pseudonymize.Load(r.Registry()); err == nil {
		t.Error("it was loaded twice")
	}
	out, err := p.Transform(t.Context(), []byte(`{"a":"ada@example.com","b":"+4915112345678","c":"ada@example.com","n":1234567890}`))
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		A, B, C string
		N       int
	}
	if err := json.Unmarshal(out, &got); err != nil || got.A != got.C || strings.Contains(string(out), "ada") || !strings.HasPrefix(got.B, "+000") || got.N != 1234567890 {
		t.Errorf("%s %v", out, err)
	}
	if _, err := p.Transform(t.Context(), []byte("plain")); !errors.Is(err, pseudonymize.ErrNotJSON) {
		t.Errorf("plain text: %v", err)
	}
	names := func() string {
		families, err := r.Registry().Gather()
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, f := range families {
			if strings.HasPrefix(f.GetName(), pseudonymize.Fragment.Spec.Prefix) {
				out = append(out, f.GetName())
			}
		}
		return strings.Join(out, " ")
	}
	if got := strings.Fields(names()); len(got) != len(pseudonymize.Fragment.Own()) {
		t.Errorf("loaded: %v", got)
	}
	p.Unload()
	if got := names(); got != "" {
		t.Errorf("unloaded, and there are still %s", got)
	}
	if _, err := p.Transform(t.Context(), []byte(`{"a":"x@example.com"}`)); err != nil {
		t.Errorf("an answer that is on its way while the plugin is unloaded: %v", err)
	}
	if _, err := pseudonymize.Load(r.Registry()); err != nil {
		t.Errorf("loaded again: %v", err)
	}
}
