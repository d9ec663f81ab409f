package validate

import (
	"slices"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var labelSensitive = &Check{
	ID: "label/sensitive", Severity: diag.Warning, Title: "A result by what identifies people",
	Why:     "The project has listed labels that tell persons apart. Grouped by them a dashboard shows what each of them did.",
	Source:  practices + "naming/#labels",
	Example: Example{PromQL, `sum by (email) (logins_total)`, `sum by (region) (logins_total)`},
	Query: func(q *Query, report Report) {
		if len(q.Set.Policy.SensitiveLabels) == 0 {
			return
		}
		eachLabelList(q, func(n parser.Expr, names []string) {
			for _, name := range names {
				if slices.Contains(q.Set.Policy.SensitiveLabels, name) {
					report.at(q.Within(n, name), "the result is told apart by "+name, "group by something that is not a person")
				}
			}
		})
	},
}
