package validate

import (
	"fmt"
	"slices"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/infer"
)

var dashStatCalc = &Check{
	ID: "dash/stat-calc", Severity: diag.Warning, Title: "A number that depends on the zoom",
	Why:    "A sum over the points of a graph counts each of them, and how many there are depends on the width of the screen. The mean of a quantile is none.",
	Source: grafana + "panels-visualizations/query-transform-data/calculation-types/",
	Example: Example{PanelOf, `{"title": "P", "type": "stat", "options": {"reduceOptions": {"calcs": ["sum"]}}, "targets": [{"expr": "sum(rate(app_requests_total[$__rate_interval]))"}]}`,
		`{"title": "P", "type": "stat", "options": {"reduceOptions": {"calcs": ["lastNotNull"]}}, "targets": [{"expr": "sum(increase(app_requests_total[$__range]))", "instant": true}]}`},
	Panel: func(p *Panel, report Report) {
		if p.Transformed || !slices.Contains([]string{"stat", "singlestat", "gauge", "bargauge"}, p.Type.Value) || len(p.Calcs) != 1 {
			return
		}
		for _, q := range p.Queries {
			if q.Table == nil || q.Target.Instant {
				continue
			}
			calc, k := p.Calcs[0].Value, q.Root().Kind
			if (calc == "sum" || calc == "total") && (k == infer.Rate || k == infer.Increase) {
				report.because(p.Calcs[0].At(), fmt.Sprintf("panel %q adds up the points of a graph", p.Label()), "by "+short(q.Expr), "take increase(…[$__range]) as an instant query")
				return
			}
			if (calc == "mean" || calc == "avg") && k == infer.Quantile {
				report.because(p.Calcs[0].At(), fmt.Sprintf("panel %q shows the mean of quantiles", p.Label()), "by "+short(q.Expr), "take the quantile over $__range as an instant query")
				return
			}
		}
	},
}
