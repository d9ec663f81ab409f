package validate

import (
	"regexp"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var labelMerge = &Check{
	ID: "label/merge", Severity: diag.Warning, Title: "A label that is deleted from series that differ in it",
	Why:     "Without the label several series have the same labels, and the evaluation fails: vector cannot contain metrics with the same labelset.",
	Source:  promDocs + "functions/#label_replace",
	Example: Example{PromQL, `label_replace(app_requests_total, "code", "", "", "")`, `sum without (code) (app_requests_total)`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(c *parser.Call) {
			if c.Func.Name != "label_replace" || len(c.Args) != 5 {
				return
			}
			var args [4]string
			for i, a := range c.Args[1:] {
				s, ok := unparen(a).(*parser.StringLiteral)
				if !ok || q.Touches(s) {
					return
				}
				args[i] = s.Val
			}
			if re, err := regexp.Compile("^(?s:" + args[3] + ")$"); args[1] != "" || err != nil || args[2] != "" && !re.MatchString("") {
				return
			}
			t := q.Table.Of(c.Args[0])
			values, closed := t.Labels.Values(args[0]).Set()
			if t.Labels.Certain(args[0]) && t.Labels.Closed() && !(closed && len(values) == 1) {
				report.at(q.Position(c), "series that differ in "+args[0]+" alone become one, which is an error", "aggregate: sum without ("+args[0]+") (…)")
			}
		})
	},
}
