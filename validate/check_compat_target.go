package validate

import (
	"fmt"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var compatTarget = &Check{
	ID: "compat/target", Severity: diag.Error, Title: "What the oldest server does not know",
	Why:     "The project names the oldest Prometheus that has to load its rules. A function or modifier that came later makes it refuse the file.",
	Source:  "https://github.com/prometheus/prometheus/blob/main/CHANGELOG.md",
	Example: Example{PromQL, `first_over_time(app_queue_length[5m])`, `last_over_time(app_queue_length[5m])`},
	Query: func(q *Query, report Report) {
		v := q.Set.Server.Version
		if v == [2]int{} {
			return
		}
		need := func(at parser.Node, what string, major, minor int) {
			if q.Set.Server.before(major, minor) {
				report.because(q.Position(at), fmt.Sprintf("%s needs Prometheus %d.%d", what, major, minor), fmt.Sprintf("the oldest server is %d.%d", v[0], v[1]), "write it otherwise, or raise the oldest version in obsgen.yaml")
			}
		}
		eachOf(q, func(c *parser.Call) {
			if since, ok := sinceVersion[c.Func.Name]; ok {
				need(c, c.Func.Name+"()", since[0], since[1])
			}
		})
		eachOf(q, func(a *parser.AggregateExpr) {
			if a.Op == parser.LIMITK || a.Op == parser.LIMIT_RATIO {
				need(a, a.Op.String(), 2, 54)
			}
		})
		eachOf(q, func(vs *parser.VectorSelector) {
			if vs.Anchored || vs.Smoothed {
				need(vs, "anchored or smoothed", 3, 7)
			}
			if vs.OriginalOffsetExpr != nil {
				need(vs, "a computed duration", 3, 4)
			}
		})
		eachOf(q, func(m *parser.MatrixSelector) {
			if m.RangeExpr != nil {
				need(m, "a computed duration", 3, 4)
			}
		})
		eachOf(q, func(b *parser.BinaryExpr) {
			if m := b.VectorMatching; m != nil && (m.FillValues.LHS != nil || m.FillValues.RHS != nil) {
				need(b, "fill", 3, 10)
			}
			if b.Op == parser.TRIM_UPPER || b.Op == parser.TRIM_LOWER {
				need(b, b.Op.String(), 3, 11)
			}
		})
	},
}

// sinceVersion are the versions of Prometheus that brought functions, as its changelog has them.
var sinceVersion = map[string][2]int{
	"sort_by_label": {2, 49}, "sort_by_label_desc": {2, 49}, "mad_over_time": {2, 49}, "info": {2, 55}, "double_exponential_smoothing": {3, 0},
	"ts_of_min_over_time": {3, 5}, "ts_of_max_over_time": {3, 5}, "ts_of_last_over_time": {3, 5},
	"first_over_time": {3, 7}, "ts_of_first_over_time": {3, 7}, "histogram_quantiles": {3, 11},
	"start": {3, 12}, "end": {3, 12}, "range": {3, 12}, "step": {3, 12}, "min_of": {3, 13}, "max_of": {3, 13}, "start_timestamp": {3, 14},
}
