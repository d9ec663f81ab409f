package docs

import (
	"bytes"
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
)

var markdown = goldmark.New(goldmark.WithExtensions(extension.GFM))

var tags = regexp.MustCompile(`<[^>]*>`)

// shown returns the text that a reader sees, blanks joined.
func shown(t *testing.T, source string) string {
	t.Helper()
	var b bytes.Buffer
	if err := markdown.Convert([]byte(source), &b); err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(html.UnescapeString(tags.ReplaceAllString(b.String(), ""))), " ")
}

var awkward = []string{
	"plain", "a_b_c", "*bold*", "a * b * c", "[x](y)", "![x](y)", "<b>", "a < b > c", "`code`", "1. first", "1) first", "10.5 of 3", "# x", "- x", "+ x", "> x",
	"a | b", `back\slash`, "&amp; and &", "~~gone~~", "===", "---", "https://example.org/a_b", "x@example.org", "a: b", "{{ $value }}", "<value>", "|", "\\", "`",
	"über 5 µs", "[ ] task", "| a | b |", "a\tb\nc", ":", "&lt;", "www.example.org",
}

// TestEscapedTextIsShown reads what escape makes of awkward text with a Markdown parser, in the places where it stands.
func TestEscapedTextIsShown(t *testing.T) {
	for _, text := range awkward {
		want := strings.Join(strings.Fields(text), " ")
		if got := shown(t, escape(text)); got != want {
			t.Errorf("%q is shown as %q", text, got)
		}
		if got := shown(t, "- "+escape(text)); got != want {
			t.Errorf("in a list %q is shown as %q", text, got)
		}
		p := &page{}
		p.heading(2, text)
		if got := shown(t, p.b.String()); got != want {
			t.Errorf("as a heading %q is shown as %q", text, got)
		}
		p = &page{}
		p.table([]string{"A", "B"}, [][]string{{escape(text), mono(want)}})
		if got := shown(t, p.b.String()); got != "A B "+want+" "+want {
			t.Errorf("in a table %q is shown as %q", text, got)
		}
		if got := shown(t, mono(want)); got != want {
			t.Errorf("as code %q is shown as %q", text, got)
		}
	}
}

func FuzzEscape(f *testing.F) {
	for _, s := range awkward {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, r := range text {
			if r < ' ' || r == 0x7f || r > 0xff { // the blanks and directions of other scripts are another matter
				return
			}
		}
		want := strings.Join(strings.Fields(text), " ")
		if got := shown(t, escape(text)); got != want {
			t.Errorf("%q, escaped %q, is shown as %q", text, escape(text), got)
		}
	})
}

func TestAnchor(t *testing.T) {
	for heading, want := range map[string]string{
		"Requests":                       "requests",
		"Requests that fail, by window":  "requests-that-fail-by-window",
		"mockforge_requests_total":       "mockforge_requests_total",
		"protocol:requests:ratio_rate5m": "protocolrequestsratio_rate5m",
		"gRPC & GraphQL":                 "grpc--graphql",
		"p99.9":                          "p999",
	} {
		if got := anchor(heading); got != want {
			t.Errorf("%q has the anchor %q, want %q", heading, got, want)
		}
	}
}
