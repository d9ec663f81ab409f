package validate

import (
	"regexp"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var labelReplaceNoop = &Check{
	ID: "label/replace-noop", Severity: diag.Warning, Title: "A replacement that never happens",
	Why:     "The regular expression of label_replace has to match the whole value. None of the values that the label can take matches: the series stay as they are.",
	Source:  promDocs + "functions/#label_replace",
	Example: Example{PromQL, `label_replace(app_requests_total, "verb", "$1", "method", "(G)")`, `label_replace(app_requests_total, "verb", "$1", "method", "(G).*")`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(c *parser.Call) {
			if c.Func.Name != "label_replace" || len(c.Args) != 5 {
				return
			}
			src, okS := unparen(c.Args[3]).(*parser.StringLiteral)
			expr, okR := unparen(c.Args[4]).(*parser.StringLiteral)
			if !okS || !okR || q.Touches(c.Args[3]) || q.Touches(c.Args[4]) {
				return
			}
			re, err := regexp.Compile("^(?s:" + expr.Val + ")$")
			t := q.Table.Of(c.Args[0])
			if err != nil {
				return
			}
			if t.Labels.Closed() && !t.Labels.Has(src.Val) && !re.MatchString("") {
				report.at(q.Position(src), "the series have no label "+src.Val+": nothing is replaced", "read a label that they have: "+strings.Join(visible(t), ", "))
				return
			}
			values, closed := t.Labels.Values(src.Val).Set()
			if closed && len(values) > 0 && t.Labels.Has(src.Val) && !slices.ContainsFunc(values, re.MatchString) && !re.MatchString("") {
				report.because(q.Position(expr), "no value of "+src.Val+" matches "+expr.Val, "its values are "+strings.Join(values[:min(8, len(values))], ", "), "the whole value has to match: add .* where it may go on")
			}
		})
	},
}
