package validate

import (
	"slices"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/source"
)

var dashVarUndefined = &Check{
	ID: "dash/var-undefined", Severity: diag.Error, Title: "A variable that the dashboard does not have",
	Why:    "Grafana sends the text as it stands: the query selects nothing.",
	Source: grafana + "dashboards/variables/",
	Example: Example{WholeBoard, `{"title": "A", "uid": "a", "panels": [{"title": "P", "type": "stat", "targets": [{"expr": "up{job=~\"$jop\"}"}]}], "templating": {"list": [{"name": "job", "type": "custom", "query": "a"}]}}`,
		`{"title": "A", "uid": "a", "panels": [{"title": "P", "type": "stat", "targets": [{"expr": "up{job=~\"$job\"}"}]}], "templating": {"list": [{"name": "job", "type": "custom", "query": "a"}]}}`},
	Dashboard: func(d *Dashboard, report Report) {
		if slices.ContainsFunc(d.Dashboard.Panels, func(p *source.Panel) bool { return p.Library }) && len(d.Variables) == 0 {
			return
		}
		seen := map[string]bool{}
		for _, p := range d.Panels {
			for _, q := range p.Queries {
				for _, v := range q.Variables {
					if builtIn(v.Name) || d.Variable(v.Name) != nil || groupNumber(v.Name) || p.Repeat.Value == v.Name {
						continue
					}
					if key := p.Label() + v.Name; !seen[key] {
						seen[key] = true
						mend := "define it, or drop it"
						var names []string
						for _, x := range d.Variables {
							names = append(names, x.Name.Value)
						}
						if near := diag.Nearest(v.Name, names); near != "" {
							mend = "did you mean $" + near + "?"
						}
						report(diag.Finding{At: q.VariablePosition(v), Subject: p.Label(), Message: "the dashboard has no variable " + v.Name, Mend: mend})
					}
				}
			}
		}
	},
}
