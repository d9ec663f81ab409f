package validate

import (
	"fmt"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var regexAnchor = &Check{
	ID: "regex/anchor", Severity: diag.Info, Title: "An anchor that is always there",
	Why:     "Prometheus matches the whole value: ^ and $ at the ends say nothing.",
	Source:  promDocs + "basics/#instant-vector-selectors",
	Example: Example{PromQL, `app_requests_total{code=~"^5..$"}`, `app_requests_total{code=~"5.."}`},
	Query: eachMatcher(func(q *Query, vs *parser.VectorSelector, m *labels.Matcher, report Report) {
		if isRegexp(m) && !variable(m.Value) && (strings.HasPrefix(m.Value, "^") || strings.HasSuffix(m.Value, "$") && !strings.HasSuffix(m.Value, `\$`)) {
			report(diag.Finding{At: q.matcherAt(vs, m), Message: fmt.Sprintf("%s: matchers are anchored at both ends already", m), Mend: "drop ^ and $",
				Edits: q.matcherEdit(vs, m, "", func(v string) string { return strings.TrimSuffix(strings.TrimPrefix(v, "^"), "$") })})
		}
	}),
}
