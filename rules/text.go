package rules

import (
	"fmt"
	"strings"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/unit"
)

// Placeholder is a part of an alert's text that is filled in from the rule.
type Placeholder int

const (
	// Value is the value that the condition compares, in its unit.
	Value Placeholder = iota + 1
	// Threshold is the number that it is compared with, in the same unit.
	Threshold
	// Window is the window of the condition's rates.
	Window
	// For is how long the condition held before the alert fires.
	For
)

// String returns the placeholder's name.
func (p Placeholder) String() string {
	switch p {
	case Value:
		return "Value"
	case Threshold:
		return "Threshold"
	case Window:
		return "Window"
	case For:
		return "For"
	default:
		return "Placeholder?"
	}
}

// Quantity is a number in its unit, for texts: Quantity{0.999, unit.Ratio} reads 99.9%.
type Quantity struct {
	Number float64
	Unit   unit.Unit
}

// String returns the number as prose writes it.
func (q Quantity) String() string { return q.Unit.Format(q.Number) }

// Part is a piece of a text: literal text, a placeholder, or a label's value.
type Part struct {
	Literal     string
	Placeholder Placeholder
	Label       *catalog.LabelDef
}

// Text is a sentence of an annotation with parts that are filled in. The zero Text is empty.
type Text struct {
	Parts []Part
	Site  diag.Site
	Wrong string // why format and arguments do not fit
}

// IsZero reports whether there is no text.
func (t Text) IsZero() bool { return len(t.Parts) == 0 && t.Wrong == "" }

// Textf makes a text from a format with %v and %s only, one for each argument: a Placeholder, a label, a
// Quantity, or any value that prints well. A label must be one that the alert's condition keeps.
//
//go:noinline
func Textf(format string, args ...any) Text {
	t := Text{Site: diag.Here(0)}
	// Printing it here also lets go vet check the calls of Textf as it does those of Printf.
	if s := fmt.Sprintf(format, args...); strings.Contains(s, "%!") {
		t.Wrong = "format and arguments do not fit: " + s
		return t
	}
	pieces := splitVerbs(format)
	for i, piece := range pieces {
		if piece != "" {
			t.Parts = append(t.Parts, Part{Literal: strings.ReplaceAll(piece, "%%", "%")})
		}
		if i == len(pieces)-1 {
			break
		}
		if i >= len(args) {
			t.Wrong = fmt.Sprintf("%q has more verbs than arguments", format)
			break
		}
		switch a := args[i].(type) {
		case Placeholder:
			t.Parts = append(t.Parts, Part{Placeholder: a})
		case catalog.AnyLabel:
			t.Parts = append(t.Parts, Part{Label: a.Def()})
		default:
			t.Parts = append(t.Parts, Part{Literal: fmt.Sprint(a)})
		}
	}
	return t
}

// splitVerbs cuts a format at its %v and %s, and keeps %%.
func splitVerbs(format string) []string {
	var out []string
	start := 0
	for i := 0; i+1 < len(format); i++ {
		if format[i] != '%' {
			continue
		}
		if c := format[i+1]; c == 'v' || c == 's' {
			out = append(out, format[start:i])
			start = i + 2
		}
		i++
	}
	return append(out, format[start:])
}
