package validate

import (
	"fmt"
	"strings"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/source"
)

var dashVarMultiEq = &Check{
	ID: "dash/var-multi-eq", Severity: diag.Error, Title: "A choice of several compared with =",
	Why:    "Several chosen values, and All, become a regular expression, which = compares as plain text: the panel is empty.",
	Source: grafana + "dashboards/variables/variable-syntax/",
	Example: Example{WholeBoard, `{"title": "A", "uid": "a", "panels": [{"title": "P", "type": "stat", "targets": [{"expr": "up{job=\"$job\"}"}]}], "templating": {"list": [{"name": "job", "type": "query", "query": "label_values(up, job)", "multi": true, "refresh": 2}]}}`,
		`{"title": "A", "uid": "a", "panels": [{"title": "P", "type": "stat", "targets": [{"expr": "up{job=~\"$job\"}"}]}], "templating": {"list": [{"name": "job", "type": "query", "query": "label_values(up, job)", "multi": true, "refresh": 2}]}}`},
	Dashboard: func(d *Dashboard, report Report) {
		for _, p := range d.Panels {
			for _, q := range p.Queries {
				for _, m := range equalVariable.FindAllStringSubmatchIndex(q.Text.Value, -1) {
					names := source.References(q.Text.Value[m[2]:m[3]])
					if len(names) != 1 {
						continue
					}
					v := d.Variable(names[0])
					if v != nil && v.Multi && p.Repeat.Value != names[0] && !d.repeats(names[0]) {
						report(diag.Finding{At: q.Text.Position(m[0], m[1]), Subject: p.Label(), Message: fmt.Sprintf("several values of $%s can be chosen, which = takes for one", names[0]), Mend: "use =~",
							Edits: []diag.Edit{{At: q.Text.Position(m[0]+1+strings.IndexByte(q.Text.Value[m[0]+1:m[1]], '='), m[0]+2+strings.IndexByte(q.Text.Value[m[0]+1:m[1]], '=')), New: "=~"}}})
					}
				}
			}
		}
	},
}
