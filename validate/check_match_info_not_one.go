package validate

import (
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var matchInfoNotOne = &Check{
	ID: "match/info-not-one", Severity: diag.Warning, Title: "A join that changes the value",
	Why:     "An info metric is 1 so that multiplying with it brings its labels and keeps the value. Added, or with another value, it changes what it joins.",
	Source:  "https://prometheus.io/docs/practices/the_zen/",
	Example: Example{PromQL, `app_requests_total + on (instance, job) group_left (version) app_build_info`, `app_requests_total * on (instance, job) group_left (version) app_build_info`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(b *parser.BinaryExpr) {
			m := b.VectorMatching
			if m == nil || len(m.Include) == 0 {
				return
			}
			one := b.RHS
			if m.Card == parser.CardOneToMany {
				one = b.LHS
			}
			vs, ok := unparen(one).(*parser.VectorSelector)
			if !ok || !strings.HasSuffix(vs.Name, "_info") {
				return
			}
			if b.Op == parser.ADD || b.Op == parser.SUB {
				report.at(q.Position(b), "the value of "+vs.Name+" is added, though only its labels are wanted", "multiply")
				return
			}
			if r := q.Table.Of(vs).Range; b.Op == parser.MUL && q.Table.Of(vs).Metric != nil && !r.Contains(1) {
				report.at(q.Position(vs), vs.Name+" is never 1: the join changes the value", "use an info metric")
			}
		})
	},
}
