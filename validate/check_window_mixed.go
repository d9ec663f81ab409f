package validate

import (
	"fmt"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/unit"
)

var windowMixed = &Check{
	ID: "window/mixed", Severity: diag.Warning, Title: "A ratio over two windows",
	Why:     "The sides of the ratio look at different times, so that the share is off whenever the traffic changes.",
	Source:  practices + "rules/",
	Example: Example{PromQL, `sum(rate(app_errors_total[1m])) / sum(rate(app_requests_total[5m]))`, `sum(rate(app_errors_total[5m])) / sum(rate(app_requests_total[5m]))`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(b *parser.BinaryExpr) {
			if b.Op != parser.DIV {
				return
			}
			l, okL := onlySelector(b.LHS)
			r, okR := onlySelector(b.RHS)
			if okL && okR && l.window > 0 && r.window > 0 && l.window != r.window && l.fn == r.fn && strings.TrimSuffix(l.vs.Name, "_sum") != strings.TrimSuffix(r.vs.Name, "_count") &&
				l.vs.Name != r.vs.Name && !q.hasDurationVariable() && l.offset == r.offset {
				report.at(q.Position(b), fmt.Sprintf("one side looks at %s, the other at %s", unit.Duration(l.window), unit.Duration(r.window)), "use one window")
			}
		})
	},
}
