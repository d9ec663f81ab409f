package validate

import (
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var syntaxFormat = &Check{
	ID: "syntax/format", Severity: diag.Info, Title: "A query in another layout than Prometheus prints",
	Why:       "In one layout queries are easy to compare and to search for. promtool promql format prints it.",
	Source:    "https://prometheus.io/docs/prometheus/latest/command-line/promtool/#promtool-promql",
	OnRequest: true,
	Example:   Example{PromQL, `sum(rate(app_requests_total[5m]))by(job,method)`, `sum by (job, method) (rate(app_requests_total[5m]))`},
	Query: func(q *Query, report Report) {
		if len(q.Variables) > 0 {
			return
		}
		want := parser.Prettify(q.Expr)
		if text := strings.TrimSpace(q.Text.Value); strings.Join(strings.Fields(text), " ") != strings.Join(strings.Fields(want), " ") && !strings.Contains(text, "#") {
			report.at(q.Position(q.Expr), "the query is laid out otherwise", "write "+strings.Join(strings.Fields(want), " "))
		}
	},
}
