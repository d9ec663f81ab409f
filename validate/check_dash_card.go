package validate

import (
	"fmt"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var dashCard = &Check{
	ID: "dash/card", Severity: diag.Info, Title: "A panel with very many lines",
	Why:     "Nobody can tell a hundred lines apart, and the browser draws each of them.",
	Source:  grafana + "dashboards/build-dashboards/best-practices/",
	Example: Example{PanelOf, `{"title": "P", "type": "timeseries", "targets": [{"expr": "rate(app_requests_total[$__rate_interval])"}]}`, `{"title": "P", "type": "timeseries", "targets": [{"expr": "topk(10, rate(app_requests_total[$__rate_interval]))"}]}`},
	Panel: func(p *Panel, report Report) {
		most := p.Set.Policy.MaxSeries
		if most <= 0 || p.Type.Value != "timeseries" && p.Type.Value != "graph" && p.Type.Value != "piechart" {
			return
		}
		for _, q := range p.Queries {
			if q.Table == nil {
				continue
			}
			if a, ok := aggregation(q.Expr, parser.TOPK, parser.BOTTOMK, parser.LIMITK); ok && len(a.Grouping) == 0 {
				continue
			}
			if n := bounded(q.Root()); n > most {
				report.because(q.Position(q.Expr), fmt.Sprintf("panel %q can have %d lines of one target", p.Label(), n), fmt.Sprintf("the project allows %d", most), "group by fewer labels, or take topk()")
				return
			}
		}
	},
}
