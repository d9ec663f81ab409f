package validate

import (
	"fmt"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var regexNever = &Check{
	ID: "regex/never", Severity: diag.Error, Title: "A matcher that nothing passes",
	Why:     "!~\".*\" excludes every series, those without the label among them: the selector never finds anything, and an alert on it never fires.",
	Source:  promDocs + "basics/#instant-vector-selectors",
	Example: Example{PromQL, `other_requests_total{method!~".*"}`, `other_requests_total{method!~"GET.*"}`},
	Query: eachMatcher(func(q *Query, vs *parser.VectorSelector, m *labels.Matcher, report Report) {
		// Of a label whose values are known it is label/value-unknown.
		if _, known := q.Set.names()[vs.Name]; m.Type == labels.MatchNotRegexp && matchesAll(m.Value) && !known {
			report.at(q.matcherAt(vs, m), fmt.Sprintf("no series passes %s", m), "drop the matcher, or exclude less")
		}
	}),
}
