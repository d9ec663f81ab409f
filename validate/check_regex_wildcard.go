package validate

import (
	"fmt"
	"regexp/syntax"
	"slices"
	"strings"

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
		if m.Type == labels.MatchRegexp && vs.Name != "" && matchesAll(m.Value) {
			report.at(q.matcherAt(vs, m), fmt.Sprintf("every series passes %s", m), "drop the matcher")
		}
	}),
}

// matchesAll reports whether a pattern matches every text: .*, also within brackets or beside alternatives.
func matchesAll(pattern string) bool {
	if !strings.Contains(pattern, ".*") || variable(pattern) {
		return false
	}
	re, err := syntax.Parse("(?s:"+pattern+")", syntax.Perl)
	return err == nil && all(re)
}

func all(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpStar:
		return re.Sub[0].Op == syntax.OpAnyChar
	case syntax.OpCapture:
		return all(re.Sub[0])
	case syntax.OpAlternate:
		return slices.ContainsFunc(re.Sub, all)
	}
	return false
}
