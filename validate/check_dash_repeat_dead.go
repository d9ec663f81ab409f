package validate

import (
	"fmt"
	"slices"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/source"
)

var dashRepeatDead = &Check{
	ID: "dash/repeat-dead", Severity: diag.Warning, Title: "A repeated panel of the same",
	Why:    "The panel is repeated for each value of a variable that it does not use: all copies show the same.",
	Source: grafana + "panels-visualizations/configure-panel-options/#configure-repeating-panels",
	Example: Example{WholeBoard, `{"title": "A", "uid": "a", "panels": [{"title": "P", "type": "stat", "repeat": "job", "targets": [{"expr": "sum(up)"}]}], "templating": {"list": [{"name": "job", "type": "query", "query": "label_values(up, job)", "multi": true, "refresh": 2}]}}`,
		`{"title": "A", "uid": "a", "panels": [{"title": "P", "type": "stat", "repeat": "job", "targets": [{"expr": "sum(up{job=~\"$job\"})"}]}], "templating": {"list": [{"name": "job", "type": "query", "query": "label_values(up, job)", "multi": true, "refresh": 2}]}}`},
	Panel: func(p *Panel, report Report) {
		name := p.Repeat.Value
		if name == "" || p.Library || len(p.Queries) == 0 || len(p.Queries) < p.AllTargets {
			return
		}
		if p.DataSource != nil && slices.Contains(source.References(p.DataSource.UID.Value), name) || slices.Contains(source.References(p.Title.Value), name) {
			return
		}
		chained := map[string]bool{name: true} // a variable that is filled by this one changes with it
		for _, v := range p.Dashboard.Variables {
			if slices.ContainsFunc(source.References(v.Query.Value), func(n string) bool { return chained[n] }) {
				chained[v.Name.Value] = true
			}
		}
		for _, q := range p.Queries {
			if slices.ContainsFunc(q.Variables, func(v source.VariableUse) bool { return chained[v.Name] }) {
				return
			}
		}
		report.at(p.Repeat.At(), fmt.Sprintf("panel %q is repeated by %s, which none of its queries uses", p.Label(), name), "use $"+name+" in a query, or drop the repeat")
	},
}
