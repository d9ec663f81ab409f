package diag_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/obsgen/obsgen/diag"
)

func TestMerge(t *testing.T) {
	got := diag.Merge([]diag.Doc{{ID: "b/b", Title: "of files"}, {ID: "a/a"}}, []diag.Doc{{ID: "b/b", Title: "of Go", Essential: "none"}, {ID: "a/c", Severity: diag.Error, Essential: "none"}})
	want := []diag.Doc{{ID: "a/a"}, {ID: "a/c", Severity: diag.Error, Essential: "none"}, {ID: "b/b", Title: "of files", Declared: &diag.Doc{ID: "b/b", Title: "of Go", Essential: "none"}}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if got[0].Level() != "info" || got[1].Level() != "error, always" {
		t.Errorf("levels %q, %q", got[0].Level(), got[1].Level())
	}
}

func TestAdjust(t *testing.T) {
	got := diag.Adjust([]diag.Finding{{ID: "a/a", Severity: diag.Error}, {ID: "b/b", Severity: diag.Error}, {ID: "c/c", Severity: diag.Info}},
		map[string]bool{"a/a": true}, map[string]diag.Severity{"c/c": diag.Warning})
	if d := cmp.Diff([]diag.Finding{{ID: "b/b", Severity: diag.Error}, {ID: "c/c", Severity: diag.Warning}}, got); d != "" {
		t.Error(d)
	}
}

func TestPackage(t *testing.T) {
	for _, s := range []diag.Site{declare(), declareOf[int](), func() diag.Site { return declare() }()} {
		if got := s.Package(); got != "github.com/obsgen/obsgen/diag_test" {
			t.Errorf("package %q", got)
		}
	}
	if got := atPackageLevel.sites[0].Package(); got != "github.com/obsgen/obsgen/diag_test" {
		t.Errorf("package %q of an initialiser", got)
	}
	if got := (diag.Site{}).Package(); got != "" {
		t.Errorf("nowhere is in %q", got)
	}
}
