package validate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/source"
)

var dashVarChain = &Check{
	ID: "dash/var-chain", Severity: diag.Warning, Title: "Variables that use each other in a circle",
	Why:    "Grafana fills a variable once those that it uses have values, in whatever order they are listed. In a circle none is ever first; one that uses itself keeps to the value that it has.",
	Source: grafana + "dashboards/variables/add-template-variables/#create-linked-variables",
	Example: Example{WholeBoard, `{"title": "A", "uid": "a", "panels": [{"title": "P $job $instance", "type": "stat", "targets": [{"expr": "up"}]}], "templating": {"list": [{"name": "instance", "type": "query", "query": "label_values(up{job=\"$job\"}, instance)", "refresh": 2}, {"name": "job", "type": "query", "query": "label_values(up{instance=\"$instance\"}, job)", "refresh": 2}]}}`,
		`{"title": "A", "uid": "a", "panels": [{"title": "P $job $instance", "type": "stat", "targets": [{"expr": "up"}]}], "templating": {"list": [{"name": "instance", "type": "query", "query": "label_values(up{job=\"$job\"}, instance)", "refresh": 2}, {"name": "job", "type": "query", "query": "label_values(up, job)", "refresh": 2}]}}`},
	Dashboard: func(d *Dashboard, report Report) {
		byName := map[string]*source.Variable{}
		for _, v := range d.Variables {
			if v.Type.Value == "query" {
				byName[v.Name.Value] = v
			}
		}
		done := map[string]bool{}
		var visit func(path []string)
		visit = func(path []string) {
			last := path[len(path)-1]
			for _, name := range source.References(byName[last].Query.Value) {
				v := byName[name]
				switch i := slices.Index(path, name); {
				case v == nil || done[name]:
				case i < 0:
					visit(append(slices.Clip(path), name))
				case i == len(path)-1:
					report(diag.Finding{At: v.Query.At(), Subject: name, Message: fmt.Sprintf("variable %s uses itself", name), Mend: "take $" + name + " out of its query"})
				default:
					report(diag.Finding{At: v.Query.At(), Subject: name, Message: fmt.Sprintf("the variables %s use each other in a circle", strings.Join(path[i:], ", ")), Mend: "take one of them out of the query of another"})
				}
			}
			done[last] = true
		}
		for _, v := range d.Variables {
			if byName[v.Name.Value] == v && !done[v.Name.Value] {
				visit([]string{v.Name.Value})
			}
		}
	},
}
