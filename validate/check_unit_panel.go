package validate

import (
	"fmt"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/infer"
)

var unitPanel = &Check{
	ID: "unit/panel", Severity: diag.Error, Title: "A panel in another unit than its values",
	Why:    "Grafana does not convert: a ratio shown as percent is a hundred times too small, milliseconds shown as seconds are a thousand times too large, and nobody notices.",
	Source: grafana + "panels-visualizations/configure-standard-options/#unit",
	Example: Example{PanelOf, `{"title": "Errors", "type": "timeseries", "fieldConfig": {"defaults": {"unit": "percent"}}, "targets": [{"expr": "sum(rate(app_errors_total[$__rate_interval])) / sum(rate(app_requests_total[$__rate_interval]))"}]}`,
		`{"title": "Errors", "type": "timeseries", "fieldConfig": {"defaults": {"unit": "percentunit"}}, "targets": [{"expr": "sum(rate(app_errors_total[$__rate_interval])) / sum(rate(app_requests_total[$__rate_interval]))"}]}`},
	Panel: func(p *Panel, report Report) {
		if p.Unit.Value == "" || p.Overrides || p.Transformed || p.Type.Value == "heatmap" || p.Type.Value == "table" || p.Type.Value == "table-old" {
			return
		}
		for _, q := range p.Queries {
			if q.Table == nil || aboutBuckets(q, q.Expr) && q.Root().Kind == infer.BucketRate {
				continue
			}
			if why, mend := misshown(q.Root().Unit, p.Unit.Value); why != "" {
				report(diag.Finding{At: p.Unit.At(), Message: fmt.Sprintf("panel %q: %s", p.Label(), why), Why: "by " + short(q.Expr), Mend: mend,
					Related: []diag.Related{{At: q.Position(q.Expr), Message: "its query"}}})
				return
			}
		}
	},
}
