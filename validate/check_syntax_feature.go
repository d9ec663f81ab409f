package validate

import (
	"slices"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/query"
)

var syntaxFeature = &Check{
	ID: "syntax/feature", Severity: diag.Error, Title: "A function that the server has switched off",
	Why:     "The function is experimental: without its feature flag the server refuses the whole rule file.",
	Source:  "https://prometheus.io/docs/prometheus/latest/feature_flags/",
	Example: Example{PromQL, `mad_over_time(app_queue_length[5m])`, `stddev_over_time(app_queue_length[5m])`},
	Query: func(q *Query, report Report) {
		flags := q.Set.Server.Features
		if flags == nil {
			return
		}
		need := func(at parser.Node, what, flag string) {
			if !slices.Contains(flags, flag) {
				report.at(q.Position(at), what+" is experimental, and the server has its flag off", "start it with --enable-feature="+flag+", or write it otherwise")
			}
		}
		eachOf(q, func(c *parser.Call) {
			if c.Func.Experimental {
				need(c, c.Func.Name+"()", query.ExperimentalFunctions)
			}
		})
		eachOf(q, func(a *parser.AggregateExpr) {
			if a.Op == parser.LIMITK || a.Op == parser.LIMIT_RATIO {
				need(a, a.Op.String(), query.ExperimentalFunctions)
			}
		})
		eachOf(q, func(vs *parser.VectorSelector) {
			if vs.Anchored || vs.Smoothed {
				need(vs, "anchored or smoothed", query.ExtendedRangeSelectors)
			}
		})
		eachOf(q, func(b *parser.BinaryExpr) {
			if m := b.VectorMatching; m != nil && (m.FillValues.LHS != nil || m.FillValues.RHS != nil) {
				need(b, "fill", query.FillModifiers)
			}
		})
	},
}
