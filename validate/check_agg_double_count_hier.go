package validate

import (
	"fmt"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var aggDoubleCountHier = &Check{
	ID: "agg/double-count-hier", Severity: diag.Warning, Title: "A sum of a whole and its part",
	Why:     "The catalog says that every event of the one counter is counted by the other as well: their sum counts it twice.",
	Source:  practices + "instrumentation/",
	Example: Example{PromQL, `sum(rate(app_requests_total[5m])) + sum(rate(app_errors_total[5m]))`, `sum(rate(app_requests_total[5m])) - sum(rate(app_errors_total[5m]))`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(b *parser.BinaryExpr) {
			if b.Op != parser.ADD {
				return
			}
			l, okL := onlySelector(b.LHS)
			r, okR := onlySelector(b.RHS)
			if okL && okR && (q.Set.partOf(l.vs.Name, r.vs.Name) || q.Set.partOf(r.vs.Name, l.vs.Name)) {
				report.at(q.Position(b), fmt.Sprintf("what %s counts is in %s as well, or the other way round", l.vs.Name, r.vs.Name), "read the whole alone")
			}
		})
	},
}
