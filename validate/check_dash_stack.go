package validate

import (
	"fmt"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/infer"
)

var dashStack = &Check{
	ID: "dash/stack", Severity: diag.Warning, Title: "A stack of what does not add up",
	Why:    "Stacked lines say that their sum means something. Quantiles, averages and shares have no sum: the top of the stack is a number of nothing.",
	Source: grafana + "panels-visualizations/visualizations/time-series/#stack-series",
	Example: Example{PanelOf, `{"title": "P", "type": "timeseries", "fieldConfig": {"defaults": {"custom": {"stacking": {"mode": "normal"}}}}, "targets": [{"expr": "histogram_quantile(0.9, sum by (le, method) (rate(app_duration_seconds_bucket[$__rate_interval])))"}]}`,
		`{"title": "P", "type": "timeseries", "fieldConfig": {"defaults": {"custom": {"stacking": {"mode": "normal"}}}}, "targets": [{"expr": "sum by (method) (rate(app_requests_total[$__rate_interval]))"}]}`},
	Panel: func(p *Panel, report Report) {
		if p.Stacked.IsZero() || p.Stacked.Value == "percent" || p.Overrides || p.Type.Value != "timeseries" && p.Type.Value != "graph" {
			return
		}
		for _, q := range p.Queries {
			if k := q.Root().Kind; q.Table != nil && (k == infer.Quantile || k == infer.Mean) && q.Root().Unit.IsKnown() {
				report.because(p.Stacked.At(), fmt.Sprintf("panel %q stacks values of the kind %s", p.Label(), k), "by "+short(q.Expr), "do not stack them")
				return
			}
		}
	},
}
