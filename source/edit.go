package source

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/obsgen/obsgen/diag"
)

// Apply returns a file with edits applied, and how many: of those that overlap the first one only.
func Apply(data []byte, edits []diag.Edit) ([]byte, int) {
	f := NewFile("", data)
	type change struct {
		from, to int
		text     string
	}
	var changes []change
	for _, e := range edits {
		if e.At.Line < 1 || e.At.Line > len(f.starts) || e.At.Col < 1 || e.At.EndCol < e.At.Col {
			continue
		}
		from := f.starts[e.At.Line-1] + e.At.Col - 1
		to := f.starts[e.At.Line-1] + e.At.EndCol - 1
		if to <= len(data) {
			changes = append(changes, change{from, to, e.New})
		}
	}
	slices.SortStableFunc(changes, func(a, b change) int { return cmp.Compare(a.from, b.from) })
	var out bytes.Buffer
	at, n := 0, 0
	for _, c := range changes {
		if c.from < at {
			continue
		}
		out.Write(data[at:c.from])
		out.WriteString(c.text)
		at = c.to
		n++
	}
	out.Write(data[at:])
	return out.Bytes(), n
}
