package validate

import (
	"regexp"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var timeFutureSign = &Check{
	ID: "time/future-sign", Severity: diag.Info, Title: "A time to come, taken the wrong way round",
	Why:     "The time at which something ends lies ahead: what is left is that time less now. now less that time is negative until it is too late.",
	Source:  promDocs + "functions/#time",
	Example: Example{Alert, "alert: A\nexpr: time() - probe_ssl_earliest_cert_expiry > 86400\nfor: 5m", "alert: A\nexpr: probe_ssl_earliest_cert_expiry - time() < 86400\nfor: 5m"},
	Query: func(q *Query, report Report) {
		eachCondition(q, func(c condition) {
			b, ok := unparen(c.value).(*parser.BinaryExpr)
			if !ok || b.Op != parser.SUB || !c.up() || c.limit <= 0 {
				return
			}
			vs, isSelector := unparen(b.RHS).(*parser.VectorSelector)
			if _, now := call(b.LHS, "time"); now && isSelector && ends.MatchString(vs.Name) {
				report.at(q.Position(b), vs.Name+" lies ahead: the difference is positive only once it is over", "write "+vs.Name+" - time() < …")
			}
		})
	},
}

// ends are names of times at which something ends.
var ends = regexp.MustCompile(`(?:expir|not_after|valid_until|deadline)`)
