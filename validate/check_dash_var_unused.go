package validate

import (
	"strings"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/source"
)

var dashVarUnused = &Check{
	ID: "dash/var-unused", Severity: diag.Info, Title: "A variable that nothing uses",
	Why:    "Whoever picks a value expects the panels to change.",
	Source: grafana + "dashboards/variables/",
	Example: Example{WholeBoard, `{"title": "A", "uid": "a", "panels": [{"title": "P", "type": "stat", "targets": [{"expr": "up"}]}], "templating": {"list": [{"name": "job", "type": "custom", "query": "a"}]}}`,
		`{"title": "A", "uid": "a", "panels": [{"title": "P $job", "type": "stat", "targets": [{"expr": "up"}]}], "templating": {"list": [{"name": "job", "type": "custom", "query": "a"}]}}`},
	Dashboard: func(d *Dashboard, report Report) {
		used := map[string]bool{}
		note := func(text string) {
			for _, n := range source.References(text) {
				used[n] = true
			}
		}
		for _, t := range d.Texts {
			note(t.Value)
			used[t.Value] = true // a repeat is the bare name
		}
		for _, p := range d.Panels {
			for _, q := range p.Queries {
				note(q.Text.Value)
				note(q.Target.Legend.Value)
			}
		}
		for _, a := range d.Annotations {
			note(a.Text.Value)
		}
		for _, v := range d.Variables {
			note(v.Query.Value)
			if v.DataSource != nil {
				note(v.DataSource.UID.Value)
			}
		}
		raw := string(d.File.Data)
		for _, v := range d.Variables {
			n := v.Name.Value
			if n == "" || used[n] || v.Type.Value == "adhoc" || v.Type.Value == "datasource" && len(d.Variables) > 0 && strings.Contains(raw, "{"+n+"}") || strings.Contains(raw, "$"+n) || strings.Contains(raw, "${"+n) || strings.Contains(raw, "[["+n) {
				continue
			}
			if v.Type.Value == "adhoc" {
				continue
			}
			report.at(v.Name.At(), "nothing uses the variable "+n, "use it, or delete it")
		}
	},
}
