package validate

import (
	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/query"
	"github.com/prometheus/prometheus/promql/parser"
)

var recordReuse = &Check{
	ID: "record/reuse", Severity: diag.Info, Title: "A recorded series that is computed again",
	Why:     "The expression holds what a rule records already: reading the recorded series costs a thousandth.",
	Source:  practices + "rules/",
	Example: Example{RuleFile, "groups:\n  - name: g\n    rules:\n      - record: job:app_errors:rate5m\n        expr: sum by (job) (rate(app_errors_total[5m]))\n      - {alert: A, expr: 'sum by (job) (rate(app_errors_total[5m])) > 5', for: 5m}\n", "groups:\n  - name: g\n    rules:\n      - record: job:app_errors:rate5m\n        expr: sum by (job) (rate(app_errors_total[5m]))\n      - {alert: A, expr: 'job:app_errors:rate5m > 5', for: 5m}\n"},
	Set: func(s *Set, report Report) {
		recorded := map[string]*Rule{}
		for _, g := range s.Groups {
			for _, r := range g.Rules {
				q := r.query()
				if q == nil || r.Record.IsZero() || len(r.Labels) > 0 || len(s.recorded[r.Record.Value]) > 1 {
					continue
				}
				// Only an aggregation reads many series for each that it gives.
				aggregated := false
				each(q.Expr, func(a *parser.AggregateExpr) {
					aggregated = aggregated || a.Op != parser.TOPK && a.Op != parser.BOTTOMK
				})
				if key := q.Expr.String(); aggregated && recorded[key] == nil {
					recorded[key] = r
				}
			}
		}
		if len(recorded) == 0 {
			return
		}
		for _, q := range s.Queries {
			if len(q.Variables) > 0 {
				continue
			}
			found := map[parser.Expr]bool{}
			query.Walk(q.Expr, func(e parser.Expr) {
				switch e.(type) {
				case *parser.AggregateExpr, *parser.Call, *parser.BinaryExpr:
				default:
					return
				}
				r := recorded[e.String()]
				if r == nil || q.Rule != nil && q.Rule.Record.Value == r.Record.Value || found[e] {
					return
				}
				query.Walk(e, func(x parser.Expr) { found[x] = true })
				report(diag.Finding{At: q.Position(e), Subject: q.subject(), Message: short(e) + " is recorded already", Mend: "read " + r.Record.Value,
					Related: []diag.Related{{At: r.Record.At(), Message: "recorded here"}}})
			})
		}
	},
}
