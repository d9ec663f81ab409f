package validate

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/obsgen/obsgen/diag"
)

var dashTransformLabel = &Check{
	ID: "dash/transform-label", Severity: diag.Warning, Title: "A link with a label that the lines do not have",
	Why:    "The link opens with an empty value in place of the label.",
	Source: grafana + "panels-visualizations/configure-data-links/",
	Example: Example{PanelOf, `{"title": "P", "type": "timeseries", "fieldConfig": {"defaults": {"links": [{"title": "More", "url": "/d/x?var-code=${__field.labels.code}"}]}}, "targets": [{"expr": "sum by (method) (rate(app_requests_total[$__rate_interval]))"}]}`,
		`{"title": "P", "type": "timeseries", "fieldConfig": {"defaults": {"links": [{"title": "More", "url": "/d/x?var-method=${__field.labels.method}"}]}}, "targets": [{"expr": "sum by (method) (rate(app_requests_total[$__rate_interval]))"}]}`},
	Panel: func(p *Panel, report Report) {
		if p.Transformed || len(p.Queries) == 0 || len(p.Queries) < p.AllTargets {
			return
		}
		for _, l := range p.Links {
			for _, m := range fieldLabel.FindAllStringSubmatchIndex(l.Value, -1) {
				name := l.Value[m[2]:m[3]]
				if slices.ContainsFunc(p.Queries, func(q *Query) bool { return q.Table == nil || q.Root().Labels.Has(name) || replacedLabel(q.Root()) }) {
					continue
				}
				report.at(l.Position(m[0], m[1]), fmt.Sprintf("the lines of panel %q have no label %s", p.Label(), name), "name a label that the query keeps")
			}
		}
	},
}

var fieldLabel = regexp.MustCompile(`\$\{__field\.labels\.([a-zA-Z_]\w*)\}`)
