package diag_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/obsgen/obsgen/diag"
)

func declare() diag.Site          { return diag.Here(0) }
func declareOf[T any]() diag.Site { return diag.Here(0) }
func outer() diag.Site            { return inner() }
func inner() diag.Site            { return diag.Here(1) }

type chain struct{ sites []diag.Site }

func (c chain) Step() chain { return chain{append(c.sites, diag.Here(0))} }

var atPackageLevel = chain{}.
	Step().
	Step()

func TestSitePosition(t *testing.T) {
	here := func(s diag.Site) string { return s.Position().String() }
	for _, c := range []struct{ got, want string }{
		{here(declare()), "diag/diag_test.go:28:9"},
		{here(declareOf[int]()), "diag/diag_test.go:29:9"},
		{here(outer()), "diag/diag_test.go:30:9"},
		{here(atPackageLevel.sites[0]), "diag/diag_test.go:22:2"},
		{here(atPackageLevel.sites[1]), "diag/diag_test.go:23:2"},
		{here(diag.Site{}), "-"},
	} {
		if c.got != c.want {
			t.Errorf("position %s, want %s", c.got, c.want)
		}
	}
}

func TestText(t *testing.T) {
	f := diag.Finding{
		ID: "metric/counter-total", Severity: diag.Error, Message: "counter requests lacks _total",
		At:   diag.Position{File: "testdata/decl.txt", Line: 2, Col: 6, EndCol: 10},
		Why:  "Prometheus names a counter by its suffix.",
		Mend: "call it requests_total",
		Related: []diag.Related{
			{At: diag.Position{File: "a.go", Line: 1}, Message: "declared here too"},
		},
	}
	var b strings.Builder
	if err := (&diag.Text{Root: "."}).Write(&b, f); err != nil {
		t.Fatal(err)
	}
	want := `testdata/decl.txt:2:6: metric/counter-total: counter requests lacks _total
    2 | two: here is the fault
      |      ^^^^
   Prometheus names a counter by its suffix.
   mend: call it requests_total
   a.go:1: declared here too
`
	if d := cmp.Diff(want, b.String()); d != "" {
		t.Error(d)
	}
}

func TestTextWithoutSource(t *testing.T) {
	var b strings.Builder
	f := diag.Finding{ID: "x/y", Message: "m", At: diag.Position{File: "absent.go", Line: 9, Col: 2}}
	if err := (&diag.Text{}).Write(&b, f); err != nil {
		t.Fatal(err)
	}
	if got, want := b.String(), "absent.go:9:2: x/y: m\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSortAndUnique(t *testing.T) {
	at := func(file string, line int) diag.Finding {
		return diag.Finding{ID: "a/b", At: diag.Position{File: file, Line: line}, Message: "m"}
	}
	fs := []diag.Finding{at("b.go", 1), at("a.go", 9), at("a.go", 2), at("a.go", 9)}
	diag.Sort(fs)
	var got []string
	for _, f := range diag.Unique(fs) {
		got = append(got, f.At.String())
	}
	if d := cmp.Diff([]string{"a.go:2", "a.go:9", "b.go:1"}, got); d != "" {
		t.Error(d)
	}
}

func BenchmarkHere(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		declare()
	}
}

func TestNearest(t *testing.T) {
	commands := []string{"build", "lint", "list", "version", "completion"}
	for _, c := range []struct{ in, want string }{
		{"biuld", "build"}, {"lnit", "lint"}, {"lis", "list"}, {"verison", "version"}, {"deploy", ""}, {"", ""}, {"build", "build"},
	} {
		if got := diag.Nearest(c.in, commands); got != c.want {
			t.Errorf("nearest to %q: %q, want %q", c.in, got, c.want)
		}
	}
}

func TestCounted(t *testing.T) {
	for n, want := range []string{"0 queries", "1 query", "2 queries"} {
		if got := diag.Counted(n, "query"); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
	if got := diag.Counted(3, "group of tests"); got != "3 groups of tests" {
		t.Errorf("%q", got)
	}
}
