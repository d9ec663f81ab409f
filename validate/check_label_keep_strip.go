package validate

import (
	"slices"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var labelKeepStrip = &Check{
	ID: "label/keep-strip", Severity: diag.Warning, Title: "An aggregation that drops a label which the project keeps",
	Why:     "The project has listed labels that its results must carry, so that alerts reach the right team and series of two clusters stay apart.",
	Source:  practices + "rules/#aggregation",
	Example: Example{RuleFile, "groups:\n  - name: g\n    rules:\n      - record: job:x:sum\n        expr: sum by (job) (x{env=\"prod\"})\n", "groups:\n  - name: g\n    rules:\n      - record: job_region:x:sum\n        expr: sum by (job, region) (x{env=\"prod\"})\n"},
	Query: func(q *Query, report Report) {
		if q.Rule == nil {
			return
		}
		eachOf(q, func(a *parser.AggregateExpr) {
			for _, l := range q.Set.Policy.KeptLabels {
				if slices.Contains(a.Grouping, l) == a.Without && a.Op != parser.TOPK && a.Op != parser.BOTTOMK && a.Op != parser.LIMITK {
					report.at(q.Position(a), "the aggregation drops "+l, "keep it: by ("+l+", …)")
				}
			}
		})
	},
}
