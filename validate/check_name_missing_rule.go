package validate

import (
	"slices"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var nameMissingRule = &Check{
	ID: "name/missing-rule", Severity: diag.Warning, Title: "A recorded series that no rule records",
	Why:     "The name has the form of a recorded series, its neighbours are recorded in files of the same directory, and it is not: what reads it gets nothing, unless another server records it.",
	Source:  practices + "rules/#naming",
	Example: Example{RuleFile, "groups:\n  - name: g\n    rules:\n      - record: job:app_errors:rate5m\n        expr: sum by (job) (rate(app_errors_total[5m]))\n      - alert: A\n        expr: job:app_errors:rate1h > 5\n        for: 5m\n", "groups:\n  - name: g\n    rules:\n      - record: job:app_errors:rate5m\n        expr: sum by (job) (rate(app_errors_total[5m]))\n      - alert: A\n        expr: job:app_errors:rate5m > 5\n        for: 5m\n"},
	Query: func(q *Query, report Report) {
		eachOf(q, func(vs *parser.VectorSelector) {
			n := vs.Name
			if !strings.Contains(n, ":") || strings.HasPrefix(n, "any:") || len(q.Set.recorded[n]) > 0 {
				return
			}
			if _, ok := q.Set.names()[n]; ok {
				return
			}
			own := ""
			if q.Rule != nil {
				own = q.Rule.Record.Value
			}
			near := slices.DeleteFunc(q.Set.siblings(n), func(name string) bool {
				return name == own || !slices.ContainsFunc(q.Set.recorded[name], func(r *Rule) bool { return r.dir() == q.dir() })
			})
			if len(near) == 0 {
				return // its rules are elsewhere
			}
			slices.Sort(near)
			mend := "record it, or read one of " + strings.Join(near[:min(3, len(near))], ", ")
			// Another window is another series, and no misspelling.
			if one := diag.Nearest(n, near); one != "" && digits(one) == digits(n) {
				mend = "did you mean " + one + "?"
			}
			report.at(q.Position(vs), "no rule records "+n, mend)
		})
	},
}
