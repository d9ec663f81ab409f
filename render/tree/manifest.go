package tree

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// The files, at the root of the tree, in which obsgen keeps its own records.
const (
	manifestName = "MANIFEST"
	recordPrefix = ".MANIFEST."
	journalName  = recordPrefix + "next" // digests that a run is about to write; gone once MANIFEST has them
	scratchName  = recordPrefix + "tmp"  // either of the two while it is being written
	lockName     = recordPrefix + "lock" // held while a process writes
)

// The first lines of the two records. The part up to the colon is checked, the rest is for people.
const (
	manifestHead = "# obsgen manifest 1: the files obsgen wrote here, with their digests; it replaces and removes no others"
	journalHead  = "# obsgen journal 1: what a build was about to write; the next build finishes and removes this file"
)

// digest is the SHA-256 of a file's content.
type digest [sha256.Size]byte

// entry is one line of a record: "sha256:<hex>  <path>".
type entry struct {
	path   string
	digest digest
}

// projectMark begins the line of a record that names the project whose files it lists.
const projectMark = "# project: "

// projectOf returns the project that a record names, "" where it names none, as records of earlier versions do.
func projectOf(data []byte) string {
	for line := range bytes.Lines(data) {
		if name, ok := bytes.CutPrefix(line, []byte(projectMark)); ok {
			return string(bytes.TrimSpace(name))
		}
	}
	return ""
}

// formatRecord writes entries sorted below the head line and the name of the project, if there is one. The same entries give the
// same bytes.
func formatRecord(head, project string, entries []entry) []byte {
	entries = slices.Clone(entries)
	slices.SortFunc(entries, func(a, b entry) int {
		return cmp.Or(strings.Compare(a.path, b.path), bytes.Compare(a.digest[:], b.digest[:]))
	})
	entries = slices.Compact(entries)
	var b bytes.Buffer
	b.WriteString(head + "\n")
	if project != "" {
		b.WriteString(projectMark + project + "\n")
	}
	for _, e := range entries {
		fmt.Fprintf(&b, "sha256:%x  %s\n", e.digest, e.path)
	}
	return b.Bytes()
}

// parseRecord reads what formatRecord wrote with the same head. A path comes at most once in a manifest, and once a
// digest in a journal. Errors begin with name and line, and say how to get out of the matter.
func parseRecord(name, head string, data []byte) ([]entry, error) {
	fail := func(line int, format string, args ...any) ([]entry, error) {
		return nil, fmt.Errorf("%s:%d: %s; restore the file from version control, or delete it: a build takes the files "+
			"that are as it would write them for its own, and asks about the others", name, line, fmt.Sprintf(format, args...))
	}
	var entries []entry
	seen := map[entry]bool{}
	n := 0
	for line := range bytes.Lines(data) {
		n++
		text, ended := strings.CutSuffix(string(line), "\n")
		kind, _, _ := strings.Cut(head, ":")
		if n == 1 && !strings.HasPrefix(text, kind+":") {
			return fail(n, "the first line does not begin with %q", kind+":")
		}
		switch {
		case !ended:
			return fail(n, "the last line is cut off")
		case strings.HasSuffix(text, "\r"):
			return fail(n, "the line ends in CR LF; if git rewrote it, put `* -text` into the tree's .gitattributes")
		case strings.HasPrefix(text, "#"):
			continue
		case strings.HasPrefix(text, "<<<<<<<"):
			return fail(n, "the file holds a merge conflict; take either side of it and build again")
		}
		hexed, p, ok := strings.Cut(text, "  ")
		hexed, isSHA := strings.CutPrefix(hexed, "sha256:")
		if !ok || !isSHA {
			return fail(n, "not of the form \"sha256:<digest>  <path>\"")
		}
		e := entry{path: p}
		if b, err := hex.DecodeString(hexed); err != nil || len(b) != len(e.digest) {
			return fail(n, "the digest is not %d hexadecimal digits", 2*len(e.digest))
		} else {
			copy(e.digest[:], b)
		}
		if why := badPath(p); why != "" {
			return fail(n, "%q cannot be a file of the tree: %s", p, why)
		}
		key := e
		if head == manifestHead {
			key.digest = digest{}
		}
		if seen[key] {
			return fail(n, "%s is listed twice", p)
		}
		seen[key] = true
		entries = append(entries, e)
	}
	if n == 0 {
		return fail(1, "the file is empty")
	}
	return entries, nil
}
