package validate

import (
	"fmt"
	"slices"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/source"
)

var dashAlertDrift = &Check{
	ID: "dash/alert-drift", Severity: diag.Info, Title: "A threshold that is not the alert's",
	Why:    "The panel shows the very value that an alert compares, and turns red at another number: one of the two has been changed alone.",
	Source: grafana + "panels-visualizations/configure-thresholds/",
	Set: func(s *Set, report Report) {
		limits := map[string][]condition{}
		owner := map[*parser.BinaryExpr]*Rule{}
		for _, g := range s.Groups {
			for _, r := range g.Rules {
				q := r.query()
				if q == nil || !r.IsAlert() {
					continue
				}
				if c, ok := conditionOf(q, q.Expr); ok {
					key := unparen(c.value).String()
					limits[key] = append(limits[key], c)
					owner[c.node] = r
				}
			}
		}
		for _, d := range s.Dashboards {
			for _, p := range d.Panels {
				if len(p.Queries) != 1 || len(p.Thresholds) == 0 || p.Percentage || p.Queries[0].Expr == nil || len(p.Queries[0].Variables) > 0 {
					continue
				}
				key := unparen(p.Queries[0].Expr).String()
				cs := limits[key]
				if len(cs) == 0 || slices.ContainsFunc(p.Thresholds, func(n source.Number) bool {
					return slices.ContainsFunc(cs, func(c condition) bool { return c.limit == n.Value || c.limit*100 == n.Value })
				}) {
					continue
				}
				n, alert := p.Thresholds[len(p.Thresholds)-1], owner[cs[0].node]
				report(diag.Finding{At: n.At.At(), Subject: p.Label(), Message: fmt.Sprintf("panel %q changes colour at %v, and the alert %s fires at %v", p.Label(), n.Value, alert.Alert.Value, cs[0].limit), Mend: "use one number",
					Related: []diag.Related{{At: alert.Alert.At(), Message: "the alert"}}})
			}
		}
	},
}
