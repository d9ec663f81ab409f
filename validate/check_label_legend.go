package validate

import (
	"fmt"
	"strings"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/source"
)

var labelLegend = &Check{
	ID: "label/legend", Severity: diag.Warning, Title: "A legend with a label that the lines do not have",
	Why:     "The placeholder prints nothing, or its own name, and all lines have one name.",
	Source:  grafana + "datasources/prometheus/query-editor/#legend",
	Example: Example{PanelOf, `{"title": "A", "type": "timeseries", "targets": [{"expr": "sum by (job) (up)", "legendFormat": "{{instance}}"}]}`, `{"title": "A", "type": "timeseries", "targets": [{"expr": "sum by (job) (up)", "legendFormat": "{{job}}"}]}`},
	Query: func(q *Query, report Report) {
		if q.Target == nil || q.Target.Legend.Value == "" || q.Panel == nil {
			return
		}
		for _, m := range legendLabel.FindAllStringSubmatchIndex(q.Target.Legend.Value, -1) {
			name := q.Target.Legend.Value[m[2]:m[3]]
			root := q.Root()
			if root.Labels.Has(name) || name == "__name__" || q.hasVariable(uint8(source.AsName)) && replacedLabel(root) {
				continue
			}
			has := "they have no labels"
			if names := visible(root); len(names) > 0 {
				has = "they have " + strings.Join(names, ", ")
			}
			report.because(q.Target.Legend.Position(m[2], m[3]), fmt.Sprintf("the lines of panel %q have no label %s", q.Panel.Label(), name), has, "name a label that the query keeps")
		}
	},
}
