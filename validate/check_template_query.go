package validate

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/infer"
	"github.com/obsgen/obsgen/source"
)

var templateQuery = &Check{
	ID: "template/query", Severity: diag.Error, Title: "A query in a text that does not parse, or lacks its label",
	Why:     "The query runs when the alert fires: a fault in it leaves an error in the message that somebody reads at night.",
	Source:  "https://prometheus.io/docs/prometheus/latest/configuration/template_reference/#queries",
	Example: Example{Alert, "alert: A\nexpr: up == 0\nfor: 5m\nannotations:\n  summary: '{{ query \"sum(up\" | first | value }}'", "alert: A\nexpr: up == 0\nfor: 5m\nannotations:\n  summary: '{{ query \"sum(up)\" | first | value }}'"},
	Rule: func(r *Rule, report Report) {
		for _, p := range slices.Concat(r.Annotations, r.Labels) {
			for _, m := range queryOfText.FindAllStringSubmatchIndex(p.Value.Value, -1) {
				text := p.Value.Value[m[2]:m[3]]
				if p.Value.Value[m[2]] == '"' {
					if s, err := strconv.Unquote(text); err == nil {
						text = s
					}
				} else {
					text = strings.Trim(text, "`")
				}
				if strings.Contains(text, "{{") || strings.Contains(text, "%") {
					continue // built by printf
				}
				q := source.NewQuery(source.Text{Value: text}, false)
				at := p.Value.Position(m[2], m[3])
				if q.Expr == nil {
					report.at(at, "the query of the text does not parse: "+q.Fault.Message, "mend it")
					continue
				}
				t := infer.Infer(q.Expr, r.Set.Env).Root()
				if m[4] >= 0 {
					if label := p.Value.Value[m[4]:m[5]]; t.Labels.Closed() && !t.Labels.Has(label) {
						report.at(at, "the result of the text's query has no label "+label, "keep the label in that query")
					}
				}
			}
		}
	},
}

var queryOfText = regexp.MustCompile("\\bquery\\s+(\"(?:[^\"\\\\]|\\\\.)*\"|`[^`]*`)(?:\\s*\\|\\s*first\\s*\\|\\s*label\\s+\"([a-zA-Z_]\\w*)\")?")
