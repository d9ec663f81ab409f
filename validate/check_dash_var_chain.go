package validate

import (
	"fmt"
	"slices"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/source"
)

var dashVarChain = &Check{
	ID: "dash/var-chain", Severity: diag.Warning, Title: "A variable that uses a later one",
	Why:    "Grafana fills the variables in order: this one is read before the one that it uses has a value.",
	Source: grafana + "dashboards/variables/add-template-variables/#create-linked-variables",
	Example: Example{WholeBoard, `{"title": "A", "uid": "a", "panels": [{"title": "P $job $instance", "type": "stat", "targets": [{"expr": "up"}]}], "templating": {"list": [{"name": "instance", "type": "query", "query": "label_values(up{job=\"$job\"}, instance)", "refresh": 2}, {"name": "job", "type": "query", "query": "label_values(up, job)", "refresh": 2}]}}`,
		`{"title": "A", "uid": "a", "panels": [{"title": "P $job $instance", "type": "stat", "targets": [{"expr": "up"}]}], "templating": {"list": [{"name": "job", "type": "query", "query": "label_values(up, job)", "refresh": 2}, {"name": "instance", "type": "query", "query": "label_values(up{job=\"$job\"}, instance)", "refresh": 2}]}}`},
	Dashboard: func(d *Dashboard, report Report) {
		for i, v := range d.Variables {
			if v.Type.Value != "query" {
				continue
			}
			for _, name := range source.References(v.Query.Value) {
				j := slices.IndexFunc(d.Variables, func(x *source.Variable) bool { return x.Name.Value == name })
				switch {
				case j > i:
					report(diag.Finding{At: v.Query.At(), Subject: v.Name.Value, Message: fmt.Sprintf("the variable %s uses %s, which comes later", v.Name.Value, name), Mend: "put " + name + " before it"})
				case j == i:
					report(diag.Finding{At: v.Query.At(), Subject: v.Name.Value, Message: fmt.Sprintf("the variable %s uses itself", name), Mend: "use another"})
				}
			}
		}
	},
}
