package validate

import (
	"fmt"
	"time"

	"github.com/obsgen/obsgen/diag"
)

var dashCost = &Check{
	ID: "dash/cost", Severity: diag.Warning, Title: "A dashboard that reads very many samples",
	Why:     "Every refresh reads the series of all queries, at every step, over every window. The catalog bounds the series, so that the cost can be told beforehand.",
	Source:  grafana + "dashboards/build-dashboards/best-practices/",
	Example: Example{PanelOf, `{"title": "P", "type": "timeseries", "targets": [{"expr": "sum(rate(app_requests_total[1d]))"}]}`, `{"title": "P", "type": "timeseries", "targets": [{"expr": "sum(rate(app_requests_total[$__rate_interval]))"}]}`},
	Dashboard: func(d *Dashboard, report Report) {
		most := d.Set.Policy.MaxDashboardSamples
		every := d.Set.ScrapeInterval
		if most <= 0 || every <= 0 {
			return
		}
		total, worst, at := 0.0, 0.0, d.At().At()
		for _, p := range d.Panels {
			for _, q := range p.Queries {
				n := samples(q, every)
				total += n
				if n > worst {
					worst, at = n, q.Position(q.Expr)
				}
			}
		}
		if total > float64(most) {
			report.because(at, fmt.Sprintf("one refresh of %q reads up to %.3g samples of a target", d.Title.Value, total), fmt.Sprintf("the project allows %.3g; this query alone reads %.3g", float64(most), worst), "read recorded series, use shorter windows, or take instant queries")
		}
	},
}

// samples returns how many samples of a target a query reads at most, 0 where the catalog does not bound them. A graph
// has about 500 points.
func samples(q *Query, every time.Duration) float64 {
	if q.Table == nil {
		return 0
	}
	n, ok := q.Table.Samples(every)
	if !ok {
		return 0
	}
	if q.Target != nil && !q.Target.Instant {
		n *= 500
	}
	return n
}
