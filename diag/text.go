package diag

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
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
	fmt.Fprintf(&b, "%s: %s: %s\n", t.paint("1", f.At.String()), t.paint(severityColour(f.Severity), f.ID), f.Message)
	if src := t.source(f.At); src != "" {
		gutter := fmt.Sprintf("%5d | ", f.At.Line)
		fmt.Fprintf(&b, "%s%s\n", gutter, src)
		if f.At.Col > 0 && f.At.Col <= len(src)+1 {
			width := max(1, f.At.EndCol-f.At.Col)
			pad := strings.Map(func(r rune) rune {
				if r == '\t' {
					return '\t'
				}
				return ' '
			}, src[:f.At.Col-1])
			fmt.Fprintf(&b, "      | %s%s\n", pad, t.paint("31", strings.Repeat("^", width)))
		}
	}
	for _, part := range []struct{ label, text string }{{"", f.Why}, {"mend: ", f.Mend}} {
		if part.text != "" {
			fmt.Fprintf(&b, "   %s%s\n", part.label, part.text)
		}
	}
	for _, r := range f.Related {
		fmt.Fprintf(&b, "   %s: %s\n", r.At, r.Message)
	}
	_, err := io.WriteString(w, b.String())
	return err
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
		src, err := os.ReadFile(name)
		if err == nil {
			lines = bytes.Split(src, []byte("\n"))
		}
		t.lines[name] = lines
	}
	if p.Line > len(lines) {
		return ""
	}
	return strings.TrimRight(string(lines[p.Line-1]), " \t\r")
}
