package rules

import (
	"fmt"
	"strings"
	"unicode/utf8"

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

// Textf makes a text from a format with %v, %s and %% only, and one argument for each of the first two: a Placeholder, a label, a
// Quantity, or any value that prints well. A label must be one that the alert's condition keeps. Other verbs, and widths, are
// findings: values are printed in their unit.
//
//go:noinline
func Textf(format string, args ...any) Text {
	t := Text{Site: diag.Here(0)}
	_ = fmt.Sprintf(format, args...) // go vet then checks the calls of Textf as it does those of Printf
	used := 0
	var literal strings.Builder
	flush := func() {
		if literal.Len() > 0 {
			t.Parts = append(t.Parts, Part{Literal: literal.String()})
			literal.Reset()
		}
	}
	for rest := format; rest != ""; {
		at := strings.IndexByte(rest, '%')
		if at < 0 {
			literal.WriteString(rest)
			break
		}
		literal.WriteString(rest[:at])
		verb := verbOf(rest[at:])
		rest = rest[at+len(verb):]
		switch verb {
		case "%%":
			literal.WriteByte('%')
			continue
		case "%v", "%s":
		case "%":
			t.Wrong = fmt.Sprintf("%q ends in a %% by itself; write %%%% for a percent sign", format)
			return t
		default:
			t.Wrong = fmt.Sprintf("%q has %s, and only %%v and %%s are known, or %%%% for a percent sign", format, verb)
			return t
		}
		used++
		if used > len(args) {
			continue
		}
		switch a := args[used-1].(type) {
		case Placeholder:
			flush()
			t.Parts = append(t.Parts, Part{Placeholder: a})
		case catalog.AnyLabel:
			flush()
			t.Parts = append(t.Parts, Part{Label: a.Def()})
		default:
			fmt.Fprint(&literal, a)
		}
	}
	flush()
	if used != len(args) {
		t.Wrong = fmt.Sprintf("%q takes %s and gets %d", format, diag.Counted(used, "argument"), len(args))
	}
	return t
}

// verbOf returns the verb that a text begins with, with its flags, width, precision and argument index.
func verbOf(s string) string {
	n := 1 + len(s[1:]) - len(strings.TrimLeft(s[1:], "+-# 0123456789.*[]"))
	_, size := utf8.DecodeRuneInString(s[n:])
	if n+size > len(s) || size == 0 {
		return s[:min(n, len(s))]
	}
	return s[:n+size]
}
