package validate

import (
	"fmt"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/unit"
)

var unitUnion = &Check{
	ID: "unit/union", Severity: diag.Warning, Title: "Series of two units in one result",
	Why:     "or puts both sides into one result, and nothing tells any more which of its values are seconds and which are bytes.",
	Source:  promDocs + "operators/#logical-set-binary-operators",
	Example: Example{PromQL, `app_uptime_seconds or app_memory_bytes`, `app_memory_bytes or app_limit_bytes`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(b *parser.BinaryExpr) {
			if b.Op != parser.LOR || q.Rule != nil && q.Rule.IsAlert() {
				return
			}
			l, r := q.Table.Of(b.LHS).Unit, q.Table.Of(b.RHS).Unit
			if amount(l) && amount(r) && (!l.SameDimension(r) || l.Scale() != r.Scale() || l.IsPoint() != r.IsPoint()) {
				report.at(q.Position(b), fmt.Sprintf("one side is in %s, the other in %s", l, r), "use two queries, or bring them to one unit")
			}
		})
	},
}

// amount reports whether a unit is a known one that is not merely a number.
func amount(u unit.Unit) bool {
	return u.IsKnown() && !u.IsLiteral() && !u.IsState() && (u.IsBytes() || u.IsDuration() || u.IsPoint() || u.IsShare())
}
