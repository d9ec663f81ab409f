package docs

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/obsgen/obsgen/render/tree"
)

// page is one Markdown file while it is written.
type page struct {
	path string // below docs/
	b    strings.Builder
}

func newPage(path, title string) *page {
	p := &page{path: path}
	p.heading(1, title)
	return p
}

// file returns the finished page.
func (p *page) file() tree.File {
	return tree.File{Path: root + "/" + p.path, Data: []byte(strings.TrimRight(p.b.String(), "\n") + "\n")}
}

// heading writes a heading of escaped text.
func (p *page) heading(level int, text string) {
	fmt.Fprintf(&p.b, "%s %s\n\n", strings.Repeat("#", level), escape(text))
}

// para writes a paragraph of Markdown.
func (p *page) para(parts ...string) {
	if text := strings.Join(parts, " "); text != "" {
		p.b.WriteString(text + "\n\n")
	}
}

// bullets writes a list of Markdown items.
func (p *page) bullets(items ...string) {
	for _, i := range items {
		p.b.WriteString("- " + i + "\n")
	}
	if len(items) > 0 {
		p.b.WriteString("\n")
	}
}

// steps writes a numbered list of Markdown items.
func (p *page) steps(items ...string) {
	for i, x := range items {
		fmt.Fprintf(&p.b, "%d. %s\n", i+1, x)
	}
	if len(items) > 0 {
		p.b.WriteString("\n")
	}
}

// code writes a fenced block, with a fence that the text does not contain.
func (p *page) code(language, text string) {
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	fmt.Fprintf(&p.b, "%s%s\n%s\n%s\n\n", fence, language, strings.TrimRight(text, "\n"), fence)
}

// folded writes a block that the reader opens.
func (p *page) folded(summary string, write func()) {
	fmt.Fprintf(&p.b, "<details><summary>%s</summary>\n\n", summary)
	write()
	p.b.WriteString("</details>\n\n")
}

// table writes rows of Markdown cells below headings; without rows it writes nothing.
func (p *page) table(heads []string, rows [][]string) {
	if len(rows) == 0 {
		return
	}
	line := func(cells []string) {
		p.b.WriteString("|")
		for _, c := range cells {
			// Even inside backticks a bar ends the cell.
			p.b.WriteString(" " + strings.ReplaceAll(strings.ReplaceAll(c, "\n", "<br>"), "|", `\|`) + " |")
		}
		p.b.WriteString("\n")
	}
	line(heads)
	p.b.WriteString("|" + strings.Repeat(" --- |", len(heads)) + "\n")
	for _, r := range rows {
		line(r)
	}
	p.b.WriteString("\n")
}

// special are the characters that Markdown or HTML could read as markup within a line.
const special = "\\`*_[]<&~|"

// escape returns text that Markdown shows as it is. Runs of blanks become one.
func escape(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == '<':
			b.WriteString("&lt;")
		case r == '&':
			b.WriteString("&amp;")
		case r == '|':
			b.WriteByte('|') // a table escapes it itself, and elsewhere it means nothing
		case r == '_' && within(s, i):
			b.WriteByte('_')
		case strings.ContainsRune(special, r), opensBlock(s, i, r):
			b.WriteByte('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// within reports whether a byte stands between two letters or digits, where an underscore is no markup.
func within(s string, i int) bool {
	word := func(c byte) bool { return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
	return i > 0 && word(s[i-1]) && i+1 < len(s) && word(s[i+1])
}

// opensBlock reports whether a character would make the line that begins with s a heading, a list or a quotation.
func opensBlock(s string, i int, r rune) bool {
	switch r {
	case '#', '+', '-', '=', '>':
		return i == 0
	case '.', ')': // 1. and 1) begin a list
		return i > 0 && strings.Trim(s[:i], "0123456789") == "" && (i+1 == len(s) || s[i+1] == ' ')
	}
	return false
}

// mono returns text as code within a line.
func mono(s string) string {
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		s = " " + s + " "
	}
	return fence + s + fence
}

// link returns a link with escaped text.
func link(text, target string) string { return fmt.Sprintf("[%s](%s)", escape(text), target) }

// monoLink returns a link whose text is code.
func monoLink(text, target string) string { return fmt.Sprintf("[%s](%s)", mono(text), target) }

// anchor returns the fragment under which GitHub finds a heading: lower case, blanks as hyphens, and of the other
// characters only letters, digits, hyphens and underscores.
func anchor(heading string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(strings.Join(strings.Fields(heading), " ")) {
		switch {
		case r == ' ':
			b.WriteByte('-')
		case r == '-', r == '_', unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r):
			b.WriteRune(r)
		}
	}
	return b.String()
}

// escaped escapes each text.
func escaped(ss []string) []string {
	out := make([]string, len(ss))
	for i, s := range ss {
		out[i] = escape(s)
	}
	return out
}

// owner returns the team that answers for something, for a page.
func owner(name string) string {
	if name == "" {
		return "none"
	}
	return escape(name)
}
