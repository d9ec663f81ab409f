package diff

import (
	"fmt"
	"io"
	"strings"

	"github.com/obsgen/obsgen/diag"
)

// heads are the groups in which changes are told.
var heads = []struct{ title string }{{"Breaking"}, {"Alerts"}, {"Other changes"}}

// group returns the number of the head that a change belongs below.
func group(c Change) int {
	switch {
	case c.Breaking:
		return 0
	case c.Kind == "alert":
		return 1
	}
	return 2
}

// where names what changed.
func where(c Change) string {
	s := c.Kind + " " + c.Name
	if c.Profile != "" {
		s += " in " + c.Profile
	}
	return s
}

// summary counts.
func (r Result) summary() string {
	if len(r.Changes) == 0 {
		return "nothing changed"
	}
	breaking := 0
	for _, c := range r.Changes {
		if c.Breaking {
			breaking++
		}
	}
	s := diag.Counted(len(r.Changes), "change")
	if breaking > 0 {
		s += ", " + diag.Counted(breaking, "breaking one")
	}
	switch {
	case r.Series > 0:
		s += fmt.Sprintf("; at most %d more series for each target", r.Series)
	case r.Series < 0:
		s += fmt.Sprintf("; at most %d series fewer for each target", -r.Series)
	}
	return s
}

// oneLine returns a text as a line.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// under returns the changes that belong below the head of a number.
func (r Result) under(head int) []Change {
	var out []Change
	for _, c := range r.Changes {
		if group(c) == head {
			out = append(out, c)
		}
	}
	return out
}

// Text writes the result for a terminal.
func (r Result) Text(w io.Writer) error {
	var b strings.Builder
	for i, head := range heads {
		changes := r.under(i)
		if len(changes) == 0 {
			continue
		}
		fmt.Fprintf(&b, "%s\n", head.title)
		for _, c := range changes {
			fmt.Fprintf(&b, "  %s: %s\n", where(c), c.What)
			if c.Old != "" || c.New != "" {
				fmt.Fprintf(&b, "    - %s\n    + %s\n", oneLine(c.Old), oneLine(c.New))
			}
			if c.Why != "" {
				fmt.Fprintf(&b, "    %s\n", c.Why)
			}
			for _, h := range c.Hits {
				fmt.Fprintf(&b, "    %s %s (%s:%d)\n", h.Kind, h.Name, h.File, h.Line)
			}
		}
		b.WriteString("\n")
	}
	fmt.Fprintln(&b, r.summary())
	_, err := io.WriteString(w, b.String())
	return err
}

// Markdown writes the result for a pull request.
func (r Result) Markdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "### Observability: %s\n", r.summary())
	for i, head := range heads {
		changes := r.under(i)
		if len(changes) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n#### %s\n\n", head.title)
		for _, c := range changes {
			fmt.Fprintf(&b, "- **%s**: %s", code(where(c)), escaped(c.What))
			if c.Why != "" {
				fmt.Fprintf(&b, " (%s)", escaped(c.Why))
			}
			b.WriteString("\n")
			if c.Old != "" || c.New != "" {
				b.WriteString("\n  ```diff\n")
				for _, side := range []struct{ sign, text string }{{"-", c.Old}, {"+", c.New}} {
					for _, line := range strings.Split(strings.TrimSpace(side.text), "\n") {
						if line != "" {
							fmt.Fprintf(&b, "  %s %s\n", side.sign, strings.ReplaceAll(line, "```", "` ` `"))
						}
					}
				}
				b.WriteString("  ```\n\n")
			}
			for n, h := range c.Hits {
				if n == 10 {
					fmt.Fprintf(&b, "  - and %d more\n", len(c.Hits)-n)
					break
				}
				fmt.Fprintf(&b, "  - hits %s %s (%s)\n", h.Kind, code(h.Name), code(fmt.Sprintf("%s:%d", h.File, h.Line)))
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func code(s string) string { return "`" + strings.ReplaceAll(s, "`", "'") + "`" }

func escaped(s string) string {
	return strings.NewReplacer("<", "&lt;", "*", `\*`, "_", `\_`).Replace(s)
}
