package validate

import (
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var timeTsMs = &Check{
	ID: "time/ts-ms", Severity: diag.Error, Title: "Seconds less milliseconds",
	Why:     "time() is in seconds since 1970. A timestamp in milliseconds is a thousand times as large, so that the difference is a meaningless negative number.",
	Source:  promDocs + "functions/#time",
	Example: Example{PromQL, `time() - job_last_run_timestamp_milliseconds`, `time() - job_last_run_timestamp_milliseconds / 1000`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(b *parser.BinaryExpr) {
			if b.Op != parser.SUB {
				return
			}
			for _, sides := range [][2]parser.Expr{{b.LHS, b.RHS}, {b.RHS, b.LHS}} {
				vs, ok := unparen(sides[1]).(*parser.VectorSelector)
				if _, now := call(sides[0], "time"); now && ok && (strings.HasSuffix(vs.Name, "_timestamp_milliseconds") || strings.HasSuffix(vs.Name, "_timestamp_ms") || strings.HasSuffix(vs.Name, "_time_milliseconds")) {
					report.at(q.Position(b), "time() is in seconds, and "+vs.Name+" in milliseconds", "divide it by 1000")
				}
			}
		})
	},
}
