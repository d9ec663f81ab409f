package validate

import (
	"fmt"
	"regexp/syntax"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var regexLiteral = &Check{
	ID: "regex/literal", Severity: diag.Info, Title: "A regular expression that is none",
	Why:     "Without any operator in it the regular expression is a plain text, which = matches faster and more plainly.",
	Source:  promDocs + "basics/#instant-vector-selectors",
	Example: Example{PromQL, `app_requests_total{method=~"GET"}`, `app_requests_total{method=~"GET|PUT"}`},
	Query: eachMatcher(func(q *Query, vs *parser.VectorSelector, m *labels.Matcher, report Report) {
		if !isRegexp(m) || variable(m.Value) || m.Value == "" {
			return
		}
		re, err := syntax.Parse(m.Value, syntax.Perl)
		if err == nil && re.Op == syntax.OpLiteral && re.Flags&syntax.FoldCase == 0 && string(re.Rune) == m.Value {
			op := "="
			if m.Type == labels.MatchNotRegexp {
				op = "!="
			}
			report(diag.Finding{At: q.matcherAt(vs, m), Message: fmt.Sprintf("%s has no operator of regular expressions in it", m), Mend: "use " + op, Edits: q.matcherEdit(vs, m, op, nil)})
		}
	}),
}
