// Package diag is the one shape of "something is wrong here": a finding, with where it is, why it
// matters and how to mend it, for declarations in Go, queries, files and checks alike.
//
// There is no promise of compatibility before 1.0.
package diag

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Severity says what a finding costs its users.
type Severity int

const (
	// Info is worth knowing and breaks nothing.
	Info Severity = iota
	// Warning misleads or will break later.
	Warning
	// Error is broken now: it does not load, shows nothing, or means something else than it says.
	Error
)

// String returns "info", "warning" or "error".
func (s Severity) String() string {
	switch s {
	case Info:
		return "info"
	case Warning:
		return "warning"
	default:
		return "error"
	}
}

// MarshalText writes the severity as its name.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Position is a place in a file. File is slash-separated and relative to the module or working
// directory; lines and columns count from 1, columns in bytes; EndCol is the column after the last
// byte, 0 where only the start is known. The zero Position is "nowhere".
type Position struct {
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
	Col    int    `json:"col,omitempty"`
	EndCol int    `json:"endCol,omitempty"`
}

// IsZero reports whether the position names no place.
func (p Position) IsZero() bool { return p.File == "" }

// String returns file:line:col, without the parts that are unknown.
func (p Position) String() string {
	switch {
	case p.File == "":
		return "-"
	case p.Line == 0:
		return p.File
	case p.Col == 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	default:
		return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col)
	}
}

// Related is a second place that explains a finding.
type Related struct {
	At      Position `json:"at"`
	Message string   `json:"message"`
}

// Edit replaces the text of a range by New.
type Edit struct {
	At  Position `json:"at"`
	New string   `json:"new"`
}

// Waiver is a deliberate exception from a rule; its value is the reason, and an empty one waives nothing.
//
// Good: "named before the convention; the exporter of 0.1 has it". Bad: "ok", "legacy".
type Waiver string

// Finding is one fault of somebody's content. It is collected and reported, never returned as an
// error: errors are for work that we could not do.
type Finding struct {
	ID       string            `json:"id"`                // family/name, such as metric/counter-total
	Severity Severity          `json:"severity"`          //
	At       Position          `json:"at"`                //
	Subject  string            `json:"subject,omitempty"` // the metric, rule, panel or dashboard
	Message  string            `json:"message"`           // what is wrong, in one line, with the dynamic parts
	Why      string            `json:"why,omitempty"`     // the facts that led to it
	Mend     string            `json:"mend,omitempty"`    // what to do about it
	Context  map[string]string `json:"context,omitempty"` // the dynamic parts by name
	Related  []Related         `json:"related,omitempty"`
	Edits    []Edit            `json:"edits,omitempty"`
}

// String returns the finding's first line: position, id and message.
func (f Finding) String() string {
	return fmt.Sprintf("%s: %s: %s", f.At, f.ID, f.Message)
}

// Sort orders findings by file, line, column, id and message, so that output does not depend on
// the order of discovery.
func Sort(fs []Finding) {
	slices.SortStableFunc(fs, func(a, b Finding) int {
		return cmp.Or(
			strings.Compare(a.At.File, b.At.File),
			cmp.Compare(a.At.Line, b.At.Line),
			cmp.Compare(a.At.Col, b.At.Col),
			strings.Compare(a.ID, b.ID),
			strings.Compare(a.Message, b.Message),
		)
	})
}

// Unique returns the findings without exact repetitions (same place, id and message), in order.
func Unique(fs []Finding) []Finding {
	type key struct {
		at          Position
		id, message string
	}
	seen := make(map[key]bool, len(fs))
	var out []Finding
	for _, f := range fs {
		k := key{f.At, f.ID, f.Message}
		if !seen[k] {
			seen[k] = true
			out = append(out, f)
		}
	}
	return out
}

// Worst returns the highest severity among fs, and false where there is no finding.
func Worst(fs []Finding) (Severity, bool) {
	worst := Info
	for _, f := range fs {
		worst = max(worst, f.Severity)
	}
	return worst, len(fs) > 0
}
