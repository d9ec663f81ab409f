package source

import (
	"bytes"
	"regexp"
	"slices"
	"strings"

	"github.com/obsgen/obsgen/diag"
)

// LeftTemplate is why an expression is left alone that another program completes before Prometheus or Grafana reads it.
const LeftTemplate = "with a template of another program"

// tags are what other programs put text in the place of. Neither PromQL nor the templates of Prometheus have any of them.
var tags = []struct {
	name string
	tag  *regexp.Regexp
}{
	{"ERB", regexp.MustCompile(`(?s)<%.*?%>`)},
	{"Jinja or Liquid", regexp.MustCompile(`(?s)\{%.*?%\}`)},
	{"[[ ]]", regexp.MustCompile(`\[\[-?\s*(?:[.$]\w|(?:if|end|range|else|key|env|include|template)\b)[^\[\]\n]*\]\]`)},
	{"@@NAME@@", regexp.MustCompile(`@@\w+@@`)},
	{"%(name)s", regexp.MustCompile(`%\(\w+\)[#0 +.\d-]*[sdifgr]`)},
}

// blank is what could be such a tag as well: in a rule, where the expression does not parse.
var (
	blank    = regexp.MustCompile(`\{\{-?\s*[^$\s-]|@[A-Z][A-Z0-9_]*@|(?:^|[(,=<>!+*/%^-]|\b(?:and|or|unless|by|without)\b)\s*<[A-Za-z][\w .:-]*>`)
	brackets = regexp.MustCompile(`\[\[-?\s*[A-Za-z.$][^\[\]\n]*\]\]`)
	// environment is a variable of a shell, of Terraform or of envsubst. Grafana's own macros in a rule are a mistake.
	environment = regexp.MustCompile(`\$\{[A-Za-z][^}]*\}|\$[A-Z][A-Z0-9_]*\b`)
)

// Templated names the language in which another program completes a text, "" for none.
func Templated(s string) string {
	if !strings.ContainsAny(s, "<{[@%") {
		return ""
	}
	for _, t := range tags {
		if t.tag.MatchString(s) {
			return t.name
		}
	}
	return ""
}

// completed leaves an expression alone that another program completes.
func (q *Query) completed(variables bool) {
	t := q.Text.Value
	bare := ""
	if q.Fault != nil {
		bare = inQuotes.ReplaceAllString(t, `""`)
	}
	if Templated(t) != "" || q.Fault != nil && (blank.MatchString(bare) || brackets.MatchString(bare) || !variables && environment.MatchString(t)) {
		q.leave(LeftTemplate)
	}
}

var (
	rawBlock = regexp.MustCompile(`(?s)\{%[-+]?\s*raw\s*[-+]?%\}.*?\{%[-+]?\s*endraw\s*[-+]?%\}`)
	rawTag   = regexp.MustCompile(`\{%[-+]?\s*(?:end)?raw\s*[-+]?%\}`)
)

// verbatim returns a file without the tags between which Jinja prints what stands there, where it has nothing else to do.
// Spaces take their place, so that all places stay what they are.
func verbatim(data []byte) []byte {
	if !bytes.Contains(data, []byte("{%")) {
		return data
	}
	outside := rawBlock.ReplaceAll(data, nil)
	if bytes.Contains(outside, []byte("{{")) || bytes.Contains(outside, []byte("{%")) {
		return data
	}
	return rawTag.ReplaceAllFunc(data, func(tag []byte) []byte { return bytes.Repeat([]byte(" "), len(tag)) })
}

// template reports whether a file that cannot be read is a template of another program, and says so.
func (d *Document) template() bool {
	name := Templated(string(d.File.Data))
	if name != "" {
		d.Skipped, d.Template = "it is a template ("+name+"): lint what is rendered from it", name
	}
	return name != ""
}

// complete takes back what is reported of fields that another program completes, and forgets what they say.
func (d *Document) complete() {
	if d.parts == 0 {
		return
	}
	d.Findings = slices.DeleteFunc(d.Findings, func(f diag.Finding) bool {
		line := d.File.line(f.At.Line)
		if f.ID != "syntax/rule" && f.ID != "syntax/manifest" || f.At.Col > len(line) {
			return false
		}
		if f.At.EndCol > f.At.Col {
			line = line[:min(f.At.EndCol-1, len(line))]
		}
		return toComplete(line[max(f.At.Col-1, 0):])
	})
	for _, g := range d.Groups {
		for _, r := range g.Rules {
			if toComplete(r.ForAt.Value) {
				r.HasFor, r.ForAt = true, Text{}
			}
		}
	}
}

// toComplete reports whether another program completes a field that is no free text.
func toComplete(s string) bool {
	return Templated(s) != "" || blank.MatchString(s) || environment.MatchString(s)
}
