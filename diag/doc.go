package diag

import (
	"cmp"
	"slices"
)

// Doc documents one kind of finding. Every id that a command prints has one, in the Docs of the package that reports it;
// obsgen explain, docs/checks, obsgen.yaml and the reports for other programs read them.
type Doc struct {
	// ID is family/name and never changes: hist/no-le.
	ID       string
	Severity Severity
	// OnRequest marks a matter of taste: the check runs where obsgen.yaml gives it a severity.
	OnRequest bool
	// Title is what is wrong, in a few words: "A rate of a gauge".
	Title string
	// Why is a paragraph on what happens and to whom.
	Why string
	// Source is the address of the documentation or article that the finding rests on.
	Source string
	// Example shows the fault and the fix, where one fits.
	Example Example
	// Essential is the reason why the finding can be neither switched off nor made less severe: what cannot be built from a
	// declaration that has it. Empty: it can.
	Essential string
	// Declared is the same fault of a declaration in Go, where a check of files has the id too; nil: none.
	Declared *Doc
}

// Level returns the severity for people, with what obsgen.yaml can or has to do about it.
func (d Doc) Level() string {
	switch {
	case d.OnRequest:
		return d.Severity.String() + ", on request"
	case d.Essential != "":
		return d.Severity.String() + ", always"
	}
	return d.Severity.String()
}

// Example shows a fault and its fix, both written as Of says.
type Example struct {
	Of    Form
	Wrong string
	Right string
}

// Form is what an example is written in.
type Form string

// The forms of examples.
const (
	PromQL     Form = "promql" // an expression of a recording rule
	Alert      Form = "alert"  // the fields of an alerting rule
	RuleFile   Form = "rules"
	WholeBoard Form = "dashboard"
	PanelOf    Form = "panel" // a panel of a dashboard
	Exposed    Form = "exposition"
	Declared   Form = "go" // a declaration, or fields of one
)

// Merge returns the docs of several packages as one list, sorted by id. A Doc whose id an earlier list has becomes the
// Declared of that one.
func Merge(lists ...[]Doc) []Doc {
	var out []Doc
	at := map[string]int{}
	for _, list := range lists {
		for _, d := range list {
			if i, ok := at[d.ID]; ok {
				out[i].Declared = &d
				continue
			}
			at[d.ID] = len(out)
			out = append(out, d)
		}
	}
	slices.SortFunc(out, func(a, b Doc) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// Adjust applies what a project says of findings: those that are off are left out, and the severities replace those that
// findings have.
func Adjust(fs []Finding, off map[string]bool, severities map[string]Severity) []Finding {
	var out []Finding
	for _, f := range fs {
		if off[f.ID] {
			continue
		}
		if s, ok := severities[f.ID]; ok {
			f.Severity = s
		}
		out = append(out, f)
	}
	return out
}
