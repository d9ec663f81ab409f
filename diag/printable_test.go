package diag

import "testing"

func TestPrintable(t *testing.T) {
	for text, want := range map[string]string{
		"plain, grün and 日本":          "plain, grün and 日本",
		"a\nb\r\nc\td":                "a b  c d",
		"\x1b[31mred\x1b]0;title\x07": `\x1b[31mred\x1b]0;title\a`,
		"\u009b31m":                   `\u009b31m`, // the same in one character
		"\u202egnirts \u2028x":        `\u202egnirts \u2028x`,
		"bad \xff byte, good \ufffd":  `bad \xff byte, good ` + "\ufffd",
		`"quoted" and \ stay`:         `"quoted" and \ stay`,
		"\x00\x08\x7f":                `\x00\b\x7f`,
		"":                            "",
	} {
		if got := Printable(text); got != want {
			t.Errorf("Printable(%q) = %q, want %q", text, got, want)
		}
	}
}
