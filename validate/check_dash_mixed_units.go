package validate

import (
	"fmt"

	"github.com/obsgen/obsgen/diag"
)

var dashMixedUnits = &Check{
	ID: "dash/mixed-units", Severity: diag.Warning, Title: "Two units on one axis",
	Why:     "Lines of bytes and of seconds on one axis cannot be compared, and one of them lies flat.",
	Source:  grafana + "panels-visualizations/configure-overrides/",
	Example: Example{PanelOf, `{"title": "A", "type": "timeseries", "targets": [{"expr": "app_memory_bytes"}, {"expr": "app_uptime_seconds"}]}`, `{"title": "A", "type": "timeseries", "targets": [{"expr": "app_memory_bytes"}, {"expr": "app_limit_bytes"}]}`},
	Panel: func(p *Panel, report Report) {
		if p.Overrides || p.Transformed || p.Type.Value != "timeseries" && p.Type.Value != "graph" {
			return
		}
		var first *Query
		for _, q := range p.Queries {
			u := q.Root().Unit
			if q.Table == nil || q.Target.Hidden || !u.IsKnown() || u.IsLiteral() || u.IsState() {
				continue
			}
			if first == nil {
				first = q
				continue
			}
			if a := first.Root().Unit; !a.SameDimension(u) && (a.IsBytes() || a.IsDuration() || u.IsBytes() || u.IsDuration()) {
				report(diag.Finding{At: q.Position(q.Expr), Message: fmt.Sprintf("panel %q shows %s and %s on one axis", p.Label(), a, u), Mend: "give one of them an axis of its own, or a panel",
					Related: []diag.Related{{At: first.Position(first.Expr), Message: "in " + a.String()}}})
				return
			}
		}
	},
}
