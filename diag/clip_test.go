package diag

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestClipped(t *testing.T) {
	long := "  " + strings.Repeat("é", 100) + "HERE" + strings.Repeat("x", 300)
	at := strings.Index(long, "HERE")
	for _, c := range []struct {
		src      string
		from, to int
		marked   string
	}{
		{"short line", 6, 10, "line"},
		{"short line", -1, -1, ""},
		{"short line", 99, 120, ""},
		{long, at, at + 4, "HERE"},
		{long, 2, 4, "é"},
		{long, len(long) - 3, len(long), "xxx"},
		{long, at, len(long), "HERE" + strings.Repeat("x", 116)},
	} {
		out, from, to := clipped(c.src, c.from, c.to)
		if n := utf8.RuneCountInString(out); n > 154 || !utf8.ValidString(out) {
			t.Errorf("%d runes: %s", n, out)
		}
		got := ""
		if from >= 0 {
			got = out[from:to]
		}
		if got != c.marked {
			t.Errorf("%q of %.20s… marks %q, want %q", out, c.src, got, c.marked)
		}
	}
}
