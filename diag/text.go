package diag

import (
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/obsgen/obsgen/internal/file"
)

// Text writes findings for a person: position, id and message on the first line, then the source
// line with a caret where the file can be read below root, then why and how to mend it.
type Text struct {
	Root   string // folder that relative positions start from
	Colour bool   // ANSI colours

	lines map[string][][]byte
}

// Write writes one finding.
func (t *Text) Write(w io.Writer, f Finding) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s: %s\n", t.paint("1", Printable(f.At.String())), t.paint(severityColour(f.Severity), f.ID), Printable(f.Message))
	if src := t.source(f.At); src != "" {
		gutter := fmt.Sprintf("%5d | ", f.At.Line)
		src, from, to := clipped(src, f.At.Col-1, f.At.EndCol-1)
		fmt.Fprintf(&b, "%s%s\n", gutter, strings.Map(visible, src))
		if from >= 0 && from <= len(src) {
			width := max(1, utf8.RuneCountInString(src[from:max(from, to)]))
			pad := strings.Map(func(r rune) rune {
				if r == '\t' {
					return '\t'
				}
				return ' '
			}, src[:from])
			fmt.Fprintf(&b, "      | %s%s\n", pad, t.paint("31", strings.Repeat("^", width)))
		}
	}
	for _, part := range []struct{ label, text string }{{"", f.Why}, {"mend: ", f.Mend}} {
		if part.text != "" {
			fmt.Fprintf(&b, "   %s%s\n", part.label, Printable(part.text))
		}
	}
	for _, r := range f.Related {
		fmt.Fprintf(&b, "   %s: %s\n", Printable(r.At.String()), Printable(r.Message))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// visible keeps the columns of a source line, under which a caret stands.
func visible(r rune) rune {
	if r == '\t' || unicode.IsPrint(r) {
		return r
	}
	return utf8.RuneError
}

// clipped returns a line that fits a screen: of a longer one the part around the bytes from up to to, between dots, and
// where these stand in it. from is -1 where nothing is pointed at.
func clipped(src string, from, to int) (string, int, int) {
	const most, before = 150, 30
	if from < 0 || from > len(src) {
		from, to = -1, -1
	}
	to = min(max(from, to), len(src))
	if utf8.RuneCountInString(src) <= most {
		return src, from, to
	}
	at := max(from, 0)
	start := len(src[:at])
	for n := 0; start > 0 && n < before; n++ {
		_, size := utf8.DecodeLastRuneInString(src[:start])
		start -= size
	}
	indent := len(src) - len(strings.TrimLeft(src, " \t"))
	if start <= indent+3 {
		start = 0
	}
	end := start
	for n := 0; end < len(src) && n < most; n++ {
		_, size := utf8.DecodeRuneInString(src[end:])
		end += size
	}
	out, shift := src[start:end], start
	if start > 0 {
		out, shift = "… "+out, start-len("… ")
	}
	if from >= 0 {
		from, to = from-shift, min(to, end)-shift
	}
	if end < len(src) {
		out += " …"
	}
	return out, from, to
}

func severityColour(s Severity) string {
	switch s {
	case Error:
		return "31"
	case Warning:
		return "33"
	default:
		return "36"
	}
}

func (t *Text) paint(code, s string) string {
	if !t.Colour {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (t *Text) source(p Position) string {
	if p.IsZero() || p.Line == 0 {
		return ""
	}
	name := filepath.FromSlash(p.File)
	if !filepath.IsAbs(name) {
		name = filepath.Join(t.Root, name)
	}
	if t.lines == nil {
		t.lines = map[string][][]byte{}
	}
	lines, ok := t.lines[name]
	if !ok {
		src, err := file.Read(name)
		if err == nil {
			lines = bytes.Split(src, []byte("\n"))
		}
		t.lines[name] = lines
	}
	if p.Line > len(lines) || bytes.IndexByte(lines[p.Line-1], 0) >= 0 { // not text, or in UTF-16
		return ""
	}
	return strings.TrimRight(string(lines[p.Line-1]), " \t\r")
}

// Counted returns a number with its noun: 1 file, 2 files, 3 queries, 4 groups of tests.
func Counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	noun, of, isOf := strings.Cut(noun, " of ")
	if stem, ok := strings.CutSuffix(noun, "y"); ok {
		noun = stem + "ie"
	}
	noun += "s"
	if isOf {
		noun += " of " + of
	}
	return fmt.Sprintf("%d %s", n, noun)
}
