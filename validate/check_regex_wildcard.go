package validate

import (
	"fmt"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var regexWildcard = &Check{
	ID: "regex/wildcard", Severity: diag.Info, Title: "A matcher that everything passes",
	Why:     "=~\".*\" selects every series, those without the label among them, and says nothing but that somebody thought of it.",
	Source:  promDocs + "basics/#instant-vector-selectors",
	Example: Example{PromQL, `app_requests_total{method=~".*"}`, `app_requests_total{method=~".+"}`},
	Query: eachMatcher(func(q *Query, vs *parser.VectorSelector, m *labels.Matcher, report Report) {
		if m.Value == ".*" && m.Type == labels.MatchRegexp && vs.Name != "" {
			report.at(q.matcherAt(vs, m), fmt.Sprintf("every series passes %s", m), "drop the matcher")
		}
		if m.Value == ".*" && m.Type == labels.MatchNotRegexp {
			report.at(q.matcherAt(vs, m), fmt.Sprintf("no series passes %s", m), "drop the selector, or mend the matcher")
		}
	}),
}
