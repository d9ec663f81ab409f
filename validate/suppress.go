package validate

import (
	"bytes"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/source"
)

// ignore is a comment that excuses findings: # obsgen:ignore range/never, hist/no-le because the exporter lies.
var ignore = regexp.MustCompile(`obsgen:ignore\b[ \t]*([a-z]+/[a-z-]+(?:[ \t]*,[ \t]*[a-z]+/[a-z-]+)*)?[ \t]*([^\n"]*)`)

// excuse is one comment that excuses findings of some checks.
type excuse struct {
	at       diag.Position
	from, to int // lines
	ids      []string
	reason   string
	used     bool
}

// suppress drops findings that a comment excuses, and reports comments that excuse nothing or give no reason. A comment
// in YAML is for its own line, or else for the rule that follows it; in a dashboard it stands in the description of a
// panel, or of the dashboard, for all of it.
func (s *Set) suppress(fs []diag.Finding) []diag.Finding {
	excuses := map[string][]*excuse{}
	for _, d := range s.Documents {
		if !bytes.Contains(d.File.Data, []byte("obsgen:ignore")) {
			continue
		}
		excuses[d.File.Path] = append(comments(d), descriptions(d)...)
	}
	if len(excuses) == 0 {
		return fs
	}
	var out []diag.Finding
	for _, f := range fs {
		excused := false
		for _, e := range excuses[f.At.File] {
			if slices.Contains(e.ids, f.ID) && f.At.Line >= e.from && f.At.Line <= e.to {
				e.used, excused = true, e.reason != ""
			}
		}
		if !excused {
			out = append(out, f)
		}
	}
	for _, d := range s.Documents {
		for _, e := range excuses[d.File.Path] {
			message, mend := "", ""
			switch {
			case len(e.ids) == 0:
				message, mend = "the comment names no check", "write obsgen:ignore family/name and the reason"
			case s.unknown(e.ids) != "":
				id := s.unknown(e.ids)
				message, mend = "there is no check "+id, "write an id that obsgen explain lists"
				if near := diag.Nearest(id, s.known()); near != "" {
					mend = "did you mean " + near + "?"
				}
			case e.reason == "":
				message, mend = "the comment gives no reason", "say why after the check's name"
			case !e.used:
				message, mend = "the comment excuses nothing: no finding of "+strings.Join(e.ids, ", ")+" is here", "delete it"
			default:
				continue
			}
			out = append(out, diag.Finding{ID: "syntax/suppression", Severity: diag.Warning, At: e.at, Message: message, Mend: mend})
		}
	}
	return out
}

// known returns the ids of all findings, of the set's own checks as well.
func (s *Set) known() []string {
	out := slices.Collect(maps.Keys(s.byID))
	for _, d := range Docs() {
		out = append(out, d.ID)
	}
	return out
}

// unknown returns the first id that no finding has, "" where there is none.
func (s *Set) unknown(ids []string) string {
	for _, id := range ids {
		if !slices.Contains(s.known(), id) {
			return id
		}
	}
	return ""
}

func newExcuse(match [][]byte) *excuse {
	e := &excuse{reason: strings.TrimSpace(string(match[2]))}
	for _, id := range strings.Split(string(match[1]), ",") {
		if id = strings.TrimSpace(id); id != "" {
			e.ids = append(e.ids, id)
		}
	}
	return e
}

// comments returns the excuses of a YAML file's comments.
func comments(d *source.Document) []*excuse {
	var starts []int // lines at which rules begin
	for _, g := range d.Groups {
		for _, r := range g.Rules {
			starts = append(starts, r.At().At().Line)
		}
	}
	slices.Sort(starts)
	var out []*excuse
	line := 0
	for text := range bytes.Lines(d.File.Data) {
		line++
		hash := bytes.IndexByte(text, '#')
		if hash < 0 {
			continue
		}
		m := ignore.FindSubmatch(text[hash:])
		if m == nil {
			continue
		}
		e := newExcuse(m)
		e.at = diag.Position{File: d.File.Path, Line: line, Col: hash + 1}
		e.from, e.to = line, line
		if len(bytes.TrimSpace(text[:hash])) == 0 {
			// Alone on its line it is for the rule in which it stands, or the one that begins next.
			next := slices.IndexFunc(starts, func(n int) bool { return n > line })
			switch {
			case next < 0:
				e.to = 1 << 30
			case next+1 < len(starts):
				e.to = starts[next+1] - 1
			default:
				e.to = 1 << 30
			}
			if next >= 0 && starts[next] > line+2 { // within a rule
				e.to = starts[next] - 1
			}
		}
		out = append(out, e)
	}
	return out
}

// descriptions returns the excuses of dashboards' and panels' descriptions.
func descriptions(d *source.Document) []*excuse {
	var out []*excuse
	add := func(t source.Text, from, to int) {
		for _, m := range ignore.FindAllSubmatch([]byte(t.Value), -1) {
			e := newExcuse(m)
			e.at, e.from, e.to = t.At(), from, to
			out = append(out, e)
		}
	}
	for _, b := range d.Dashboards {
		add(b.Description, 1, 1<<30)
		for _, p := range b.Panels {
			from, to := p.Lines()
			add(p.Description, from, to)
		}
	}
	return out
}
