package validate

import (
	"math"
	"slices"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/query"
)

var recordReuse = &Check{
	ID: "record/reuse", Severity: diag.Info, Title: "A recorded series that is computed again",
	Why:     "The expression holds what a rule records already: reading the recorded series costs a thousandth.",
	Source:  practices + "rules/",
	Example: Example{RuleFile, "groups:\n  - name: g\n    rules:\n      - record: job:app_errors:rate5m\n        expr: sum by (job) (rate(app_errors_total[5m]))\n      - {alert: A, expr: 'sum by (job) (rate(app_errors_total[5m])) > 5', for: 5m}\n", "groups:\n  - name: g\n    rules:\n      - record: job:app_errors:rate5m\n        expr: sum by (job) (rate(app_errors_total[5m]))\n      - {alert: A, expr: 'job:app_errors:rate5m > 5', for: 5m}\n"},
	Set: func(s *Set, report Report) {
		recorded := map[uint64]*Rule{}
		for _, g := range s.Groups {
			for _, r := range g.Rules {
				q := r.query()
				if q == nil || r.Record.IsZero() || len(r.Labels) > 0 || len(s.recorded[r.Record.Value]) > 1 {
					continue
				}
				// Only an aggregation reads many series for each that it gives.
				aggregated := false
				eachOf(q, func(a *parser.AggregateExpr) {
					aggregated = aggregated || a.Op != parser.TOPK && a.Op != parser.BOTTOMK
				})
				if !aggregated {
					continue
				}
				if key := hashed(q.Expr, nil); recorded[key] == nil {
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
			var found []parser.Expr
			hashed(q.Expr, func(e parser.Expr, hash uint64) {
				r := recorded[hash]
				if r == nil || q.Rule != nil && q.Rule.Record.Value == r.Record.Value || e.String() != r.query().Expr.String() {
					return
				}
				found = append(found, e)
			})
			for i, e := range found {
				// What lies within another one that is recorded is told with that.
				if slices.ContainsFunc(found[i+1:], func(x parser.Expr) bool {
					within := false
					query.Walk(x, func(y parser.Expr) { within = within || y == e })
					return within
				}) {
					continue
				}
				r := recorded[hashed(e, nil)]
				report(diag.Finding{At: q.Position(e), Subject: q.subject(), Message: short(e) + " is recorded already", Mend: "read " + r.Record.Value,
					Related: []diag.Related{{At: r.Record.At(), Message: "recorded here"}}})
			}
		}
	},
}

// hashed returns a hash of what an expression says, and tells those of its parts first, innermost before outer ones.
func hashed(e parser.Expr, tell func(parser.Expr, uint64)) uint64 {
	const prime = 1099511628211
	h := uint64(14695981039346656037)
	word := func(s string) {
		for i := range len(s) {
			h = (h ^ uint64(s[i])) * prime
		}
		h = (h ^ 0xff) * prime
	}
	mix := func(x uint64) { h = (h ^ x) * prime }
	told := false
	switch n := e.(type) {
	case *parser.ParenExpr:
		return hashed(n.Expr, tell)
	case *parser.AggregateExpr:
		told = true
		mix(1 + uint64(n.Op)<<8)
		for _, l := range n.Grouping {
			word(l)
		}
		if n.Without {
			mix(3)
		}
		if n.Param != nil {
			mix(hashed(n.Param, tell))
		}
		mix(hashed(n.Expr, tell))
	case *parser.BinaryExpr:
		told = true
		mix(2 + uint64(n.Op)<<8)
		mix(hashed(n.LHS, tell))
		mix(hashed(n.RHS, tell))
	case *parser.Call:
		told = true
		word(n.Func.Name)
		for _, a := range n.Args {
			mix(hashed(a, tell))
		}
	case *parser.MatrixSelector:
		mix(uint64(n.Range))
		mix(hashed(n.VectorSelector, tell))
	case *parser.SubqueryExpr:
		mix(uint64(n.Range))
		mix(uint64(n.Step))
		mix(hashed(n.Expr, tell))
	case *parser.VectorSelector:
		word(n.Name)
		mix(uint64(n.OriginalOffset))
		for _, m := range n.LabelMatchers {
			word(m.Name)
			word(m.Value)
			mix(uint64(m.Type))
		}
	case *parser.NumberLiteral:
		mix(math.Float64bits(n.Val))
	case *parser.StringLiteral:
		word(n.Val)
	case *parser.UnaryExpr:
		mix(4 + uint64(n.Op)<<8)
		mix(hashed(n.Expr, tell))
	}
	if told && tell != nil {
		tell(e, h)
	}
	return h
}
