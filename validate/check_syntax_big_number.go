package validate

import (
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var syntaxBigNumber = &Check{
	ID: "syntax/big-number", Severity: diag.Info, Title: "A long number without marks",
	Why:       "10000000 and 1000000 look alike. PromQL takes 10_000_000 and 1e7.",
	Source:    promDocs + "basics/#float-literals-and-time-durations",
	OnRequest: true,
	Example:   Example{PromQL, `app_memory_bytes > 10000000`, `app_memory_bytes > 10_000_000`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(n *parser.NumberLiteral) {
			if text := q.TextOf(n); len(text) > 6 && !strings.ContainsAny(text, "_eExX.") && !n.Duration && !q.Touches(n) {
				report.at(q.Position(n), text+" is hard to read", "write it with _ between the thousands")
			}
		})
	},
}
