package validate

import (
	"fmt"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var regexSmelly = &Check{
	ID: "regex/smelly", Severity: diag.Info, Title: "A pattern inside of a value",
	Why:       "A value that has to be taken apart by a pattern in its middle carries two facts in one label. Two labels would say it plainly.",
	Source:    practices + "naming/#labels",
	OnRequest: true,
	Example:   Example{PromQL, `sum(jobs{env="prod",job=~"svc_.+_prod"})`, `sum(jobs{env="prod",job=~"svc.*"})`},
	Query: eachMatcher(func(q *Query, vs *parser.VectorSelector, m *labels.Matcher, report Report) {
		if !isRegexp(m) || variable(m.Value) {
			return
		}
		if i := strings.Index(m.Value, ".*") + strings.Index(m.Value, ".+") + 1; i > 0 && i+2 < len(m.Value) && !strings.ContainsAny(m.Value[i+2:], "|)*") {
			report.at(q.matcherAt(vs, m), fmt.Sprintf("%s takes a value apart in its middle", m), "give each part a label of its own")
		}
	}),
}
