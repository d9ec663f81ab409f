package validate

import (
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var windowAtInRule = &Check{
	ID: "window/at-in-rule", Severity: diag.Warning, Title: "A rule of a fixed moment",
	Why:     "With @ and a timestamp the value never changes; with @ end() or @ start() it is what it would be without.",
	Source:  promDocs + "basics/#-modifier",
	Example: Example{PromQL, `app_queue_length @ 1609746000`, `app_queue_length`},
	Query: func(q *Query, report Report) {
		if q.Rule == nil {
			return
		}
		say := func(n parser.Node, at *int64, edge parser.ItemType) {
			switch {
			case at != nil:
				report.at(q.Position(n), "the value is that of one moment, at every evaluation", "drop @, or use offset")
			case edge != 0:
				report.at(q.Position(n), "a rule starts and ends at its evaluation: @ changes nothing", "drop it")
			}
		}
		eachOf(q, func(vs *parser.VectorSelector) { say(vs, vs.Timestamp, vs.StartOrEnd) })
		eachOf(q, func(s *parser.SubqueryExpr) { say(s, s.Timestamp, s.StartOrEnd) })
	},
}
