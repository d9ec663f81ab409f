package tree

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Reason says in words what is wrong at a path.
type Reason string

// The reasons to refuse a Write that come from what is on the disk.
const (
	NotOwned     Reason = "exists, and obsgen did not write it"
	Edited       Reason = "edited by hand since obsgen wrote it"
	EditedOrphan Reason = "no longer produced, but edited by hand since obsgen wrote it"
	BlocksFolder Reason = "is a file, where a folder is needed"
	IsFolder     Reason = "is a folder that holds something, where obsgen writes a file"
	SymbolicLink Reason = "is a symbolic link"
	NotRegular   Reason = "is neither a file nor a folder"
)

// The reasons to refuse a Write that come from the paths of the files given to it.
const (
	Escapes       Reason = "the path leaves the tree"
	Malformed     Reason = "the path is not plain: it has an empty or dotted part, a backslash, a control character, or is not UTF-8"
	Reserved      Reason = "the name is one that obsgen keeps its own records under"
	Duplicate     Reason = "produced twice"
	CaseOnly      Reason = "another path differs from it only by case"
	FileAndFolder Reason = "produced both as a file and as a folder"
)

// The reasons for which Check calls a path stale, besides those above.
const (
	Missing     Reason = "missing"
	Outdated    Reason = "differs from what obsgen writes now"
	Orphan      Reason = "no longer produced"
	Interrupted Reason = "left by a build that was interrupted"
)

// remedy says what a person can do about a reason to refuse, and what Options.Force does to the file.
type remedy struct {
	mend  string
	force force
}

type force int

const (
	forceNothing force = iota
	forceReplace
	forceRemove
)

const renameOne = "change the name in the declaration it comes from"

var remedies = map[Reason]remedy{
	NotOwned:      {"move it out of the tree, or let --force replace it", forceReplace},
	Edited:        {"carry the edit over to the declarations, then let --force replace it", forceReplace},
	EditedOrphan:  {"keep a copy elsewhere if it matters, then let --force remove it", forceRemove},
	BlocksFolder:  {"move it out of the tree, or let --force remove it", forceRemove},
	IsFolder:      {"move the folder out of the tree", forceNothing},
	SymbolicLink:  {"remove the link: obsgen never writes or removes through one", forceNothing},
	NotRegular:    {"remove it", forceNothing},
	Escapes:       {renameOne, forceNothing},
	Malformed:     {renameOne, forceNothing},
	Reserved:      {renameOne, forceNothing},
	Duplicate:     {renameOne, forceNothing},
	CaseOnly:      {renameOne, forceNothing},
	FileAndFolder: {renameOne, forceNothing},
}

// Conflict is one path that keeps Write from writing.
type Conflict struct {
	Path   string
	Reason Reason
}

// Mend says what to do about the conflict.
func (c Conflict) Mend() string { return remedies[c.Reason].mend }

// Refusal is the error of a Write that found something in its way. Nothing was written.
type Refusal struct {
	Dir       string     // the root of the tree, as it was given
	Conflicts []Conflict // all of them, sorted by path, one a path
}

// OtherProject is the error of a Write or Check that found the output of another project, or of one that is not named and may be
// another. Nothing was written.
type OtherProject struct {
	Dir     string   // the root of the tree, as it was given
	Project string   // that was to be written
	Other   string   // that the tree belongs to, "" where MANIFEST does not say so
	Files   int      // how many of them MANIFEST lists
	Remove  []string // where Other is "": files that would be removed
}

// Error says whose files they are, and how to say that they are this project's.
func (e *OtherProject) Error() string {
	if e.Other != "" {
		this := "this build is of " + cmp.Or(e.Project, "none")
		if e.Project != "" {
			this += fmt.Sprintf("; if the project was renamed, change that line of %s to %q", manifestName, projectMark+e.Project)
		}
		return fmt.Sprintf("%s: nothing was written: its %d files belong to project %s, as %s says, and %s; otherwise choose another directory with --out; --force replaces and removes its files",
			e.Dir, e.Files, printable(e.Other), manifestName, this)
	}
	first := e.Remove[:min(len(e.Remove), 3)]
	return fmt.Sprintf("%s: nothing was written: %s does not say which project its %d files belong to, and project %s would remove %d of them, such as %s; "+
		"if they are this project's, add the line %q to %s, otherwise choose another directory with --out; --force removes them",
		e.Dir, manifestName, e.Files, e.Project, len(e.Remove), strings.Join(first, ", "), projectMark+e.Project, manifestName)
}

func newRefusal(dir string, conflicts []Conflict) *Refusal {
	slices.SortStableFunc(conflicts, func(a, b Conflict) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(string(a.Reason), string(b.Reason)))
	})
	conflicts = slices.CompactFunc(conflicts, func(a, b Conflict) bool { return a.Path == b.Path })
	return &Refusal{Dir: dir, Conflicts: conflicts}
}

// ForceReplaces lists the files that Write with Options.Force would replace.
func (r *Refusal) ForceReplaces() []string { return r.forced(forceReplace) }

// ForceRemoves lists the files that Write with Options.Force would remove.
func (r *Refusal) ForceRemoves() []string { return r.forced(forceRemove) }

func (r *Refusal) forced(f force) []string {
	var paths []string
	for _, c := range r.Conflicts {
		if remedies[c.Reason].force == f {
			paths = append(paths, c.Path)
		}
	}
	return paths
}

// Error lists every conflict on a line of its own with its mend, and then what --force would do.
func (r *Refusal) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: nothing was written, because of %d of its paths:", r.Dir, len(r.Conflicts))
	for _, c := range r.Conflicts {
		fmt.Fprintf(&b, "\n  %s: %s (mend: %s)", printable(c.Path), c.Reason, c.Mend())
	}
	replaces, removes := r.ForceReplaces(), r.ForceRemoves()
	if len(replaces) > 0 {
		fmt.Fprintf(&b, "\n--force would replace: %s", strings.Join(replaces, ", "))
	}
	if len(removes) > 0 {
		fmt.Fprintf(&b, "\n--force would remove: %s", strings.Join(removes, ", "))
	}
	if n := len(replaces) + len(removes); n > 0 && n < len(r.Conflicts) {
		fmt.Fprintf(&b, "\n--force does not help with the other %d", len(r.Conflicts)-n)
	}
	return b.String()
}

// printable is the path, quoted if it could spoil a line of output: a path that was refused may hold anything.
func printable(p string) string {
	if p == "" || strings.ContainsFunc(p, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\uFFFD' }) {
		return fmt.Sprintf("%q", p)
	}
	return p
}
