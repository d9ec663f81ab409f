package validate

import (
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var nameDenied = &Check{
	ID: "name/denied", Severity: diag.Warning, Title: "A metric that the project does not allow",
	Why:     "The project has listed metrics that no rule and no dashboard may rely on.",
	Source:  practices + "naming/",
	Example: Example{PromQL, `sum(debug_allocations_total)`, `sum(app_queue_length)`},
	Query: func(q *Query, report Report) {
		re := q.Set.Policy.DeniedMetrics
		if re == nil {
			return
		}
		eachOf(q, func(vs *parser.VectorSelector) {
			if vs.Name != "" && re.MatchString(vs.Name) {
				report.at(q.Position(vs), "the project does not allow the metric "+vs.Name, "read another")
			}
		})
	},
}
