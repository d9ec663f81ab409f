package validate

import (
	"slices"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var labelRequiredMatcher = &Check{
	ID: "label/required-matcher", Severity: diag.Warning, Title: "A selector without a label that the project requires",
	Why:     "Where several teams or environments share a Prometheus, a selector that does not name its own reads those of all.",
	Source:  practices + "rules/",
	Example: Example{PromQL, `sum(app_queue_length)`, `sum(jobs{env="prod"})`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(vs *parser.VectorSelector) {
			if len(q.Set.recorded[vs.Name]) > 0 || vs.BypassEmptyMatcherCheck {
				return
			}
			for _, l := range q.Set.Policy.RequiredMatchers {
				if !slices.ContainsFunc(vs.LabelMatchers, func(m *labels.Matcher) bool { return m.Name == l }) {
					report.at(q.Position(vs), "the selector does not say which "+l, "add "+l+"=…")
				}
			}
		})
	},
}
