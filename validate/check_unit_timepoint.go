package validate

import (
	"slices"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/infer"
	"github.com/obsgen/obsgen/unit"
)

var unitTimepoint = &Check{
	ID: "unit/timepoint", Severity: diag.Error, Title: "A point in time taken for an amount",
	Why:     "A timestamp is a point: two of them have a difference, but no sum and no rate. changes() says how often it is another.",
	Source:  practices + "instrumentation/#timestamps-not-time-since",
	Example: Example{PromQL, `delta(app_start_timestamp_seconds[5m]) > 2`, `changes(app_start_timestamp_seconds[5m]) > 2`},
	Query: func(q *Query, report Report) {
		point := func(e parser.Expr) bool {
			u := q.Table.Of(e).Unit
			return u.IsPoint() && u.SameDimension(unit.Timestamp)
		}
		named := func(e parser.Expr, ends ...string) bool {
			one, ok := onlySelector(e)
			return ok && !q.Table.Of(e).Unit.IsKnown() && slices.ContainsFunc(ends, func(end string) bool { return strings.HasSuffix(one.vs.Name, end) })
		}
		const instead = "use changes(), which counts how often the time is another, or time() minus it"
		eachOf(q, func(c *parser.Call) {
			switch c.Func.Name {
			case "rate", "irate", "increase", "sum_over_time":
				// Of what is known to be a gauge it is type/rate-on-gauge. That of a time which moves on by itself is a progress.
				known := point(c.Args[0]) && (c.Func.Name == "sum_over_time" || q.Table.Of(c.Args[0]).Kind != infer.Gauge)
				if known || named(c.Args[0], "start_time_seconds", "boot_time_seconds") {
					report.at(q.Position(c), c.Func.Name+"() of a point in time", instead)
				}
			}
		})
		eachCondition(q, func(c condition) {
			d, ok := call(c.value, "delta", "idelta")
			if ok && (point(d.Args[0]) || named(d.Args[0], "start_time_seconds", "boot_time_seconds", "_timestamp_seconds")) {
				report.at(q.Position(d), d.Func.Name+"() of a point in time is by how much it moved, not how often", instead)
			}
		})
		eachOf(q, func(a *parser.AggregateExpr) {
			if a.Op == parser.SUM && point(a.Expr) {
				report.at(q.Position(a), "a sum of points in time", "take max() or min()")
			}
		})
		eachOf(q, func(b *parser.BinaryExpr) {
			if b.Op == parser.ADD && point(b.LHS) && point(b.RHS) {
				report.at(q.Position(b), "a sum of two points in time", "subtract them, or add a duration")
			}
		})
	},
}
