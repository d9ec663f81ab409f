// Package source reads files that others wrote (Prometheus rules, Kubernetes manifests of them, Grafana dashboards of
// every generation, Grafana's own alert rules) and keeps where everything stands, so that a fault deep in an expression
// is shown at its line and column.
//
// There is no promise of compatibility before 1.0.
package source

import (
	"bytes"
	"sort"
	"unicode/utf8"

	"github.com/obsgen/obsgen/diag"
)

// File is a file as somebody wrote it.
type File struct {
	Path string // slash-separated, as findings print it
	Data []byte

	starts []int // offsets at which lines begin
	// within is the text of another file that this one is: a rule file in a ConfigMap. Places are told in that file.
	within Text
	// near is the last column that was looked for: the next one mostly lies behind it on the same line, which may be
	// all of a large file.
	near struct{ line, col, at int }
}

// NewFile returns a file with its lines counted.
func NewFile(path string, data []byte) *File {
	f := &File{Path: path, Data: data, starts: []int{0}}
	for i, b := range data {
		if b == '\n' {
			f.starts = append(f.starts, i+1)
		}
	}
	return f
}

// fileWithin returns a text of a file as a file of its own.
func fileWithin(t Text) *File {
	f := NewFile(t.file.Path, []byte(t.Value))
	f.within = t
	return f
}

// Position returns the place of the bytes from start up to end; where they end on another line only the start is told.
func (f *File) Position(start, end int) diag.Position {
	if !f.within.IsZero() {
		return f.within.Position(start, end)
	}
	start = max(0, min(start, len(f.Data)))
	line := sort.SearchInts(f.starts, start+1) - 1
	p := diag.Position{File: f.Path, Line: line + 1, Col: start - f.starts[line] + 1}
	if end > start && (line+1 == len(f.starts) || end < f.starts[line+1]) {
		p.EndCol = end - f.starts[line] + 1
	}
	return p
}

// line returns a line, from 1, "" where there is none.
func (f *File) line(n int) string {
	if n < 1 || n > len(f.starts) {
		return ""
	}
	text, _, _ := bytes.Cut(f.Data[f.starts[n-1]:], []byte("\n"))
	return string(text)
}

// offset returns where a line and column, both from 1, begin; columns are counted in runes, as YAML's are.
func (f *File) offset(line, col int) int {
	if line < 1 || line > len(f.starts) {
		return len(f.Data)
	}
	at, from := f.starts[line-1], 1
	if f.near.line == line && f.near.col <= col {
		at, from = f.near.at, f.near.col
	}
	for ; from < col && at < len(f.Data); from++ {
		_, size := utf8.DecodeRune(f.Data[at:])
		at += max(size, 1)
	}
	f.near.line, f.near.col, f.near.at = line, from, at
	return min(at, len(f.Data))
}

// Text is a string that a file holds: what it says once it is decoded, and where each byte of that stands. The zero
// Text is nowhere.
type Text struct {
	Value string

	file  *File
	spans []span
}

// span says that Value, from one byte on, stands at an offset of the file, byte for byte up to the next span.
type span struct{ from, at int }

// Whole returns the text of a whole file.
func (f *File) Whole() Text {
	return Text{Value: string(f.Data), file: f, spans: []span{{0, 0}}}
}

// IsZero reports whether there is no such text in any file.
func (t Text) IsZero() bool { return t.file == nil }

// File returns the file that the text stands in, nil for the zero Text.
func (t Text) File() *File { return t.file }

// offset returns where byte i of the value stands in the file.
func (t Text) offset(i int) int {
	if len(t.spans) == 0 {
		return 0
	}
	n := sort.Search(len(t.spans), func(k int) bool { return t.spans[k].from > i }) - 1
	n = max(n, 0)
	return t.spans[n].at + i - t.spans[n].from
}

// Position returns the place of the bytes of the value from i up to j.
func (t Text) Position(i, j int) diag.Position {
	if t.file == nil {
		return diag.Position{}
	}
	i = max(0, min(i, len(t.Value)))
	start := t.offset(i)
	if j <= i {
		return t.file.Position(start, start)
	}
	return t.file.Position(start, t.offset(min(j, len(t.Value))-1)+1)
}

// At returns the place of the whole text.
func (t Text) At() diag.Position { return t.Position(0, len(t.Value)) }

// slice returns a part of the text.
func (t Text) slice(i, j int) Text {
	out := Text{Value: t.Value[i:j], file: t.file, spans: []span{{0, t.offset(i)}}}
	for _, s := range t.spans {
		if s.from > i && s.from < j {
			out.spans = append(out.spans, span{s.from - i, s.at})
		}
	}
	return out
}
