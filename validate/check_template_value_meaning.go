package validate

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/query"
)

var templateValueMeaning = &Check{
	ID: "template/value-meaning", Severity: diag.Warning, Title: "A text with another threshold than the alert's",
	Why:     "The number in the message is written by hand, and the one in the expression has changed since.",
	Source:  practices + "alerting/",
	Example: Example{Alert, "alert: A\nexpr: app_cpu_percent > 90\nfor: 5m\nannotations:\n  summary: CPU is above 80%", "alert: A\nexpr: app_cpu_percent > 90\nfor: 5m\nannotations:\n  summary: CPU is above 90%"},
	Rule: func(r *Rule, report Report) {
		q := r.query()
		if !r.IsAlert() || q == nil || r.Group.Grafana {
			return
		}
		var limits []float64
		eachOf(q, func(n *parser.NumberLiteral) {
			limits = append(limits, n.Val, 100*n.Val, n.Val/100, 100-n.Val, 100-100*n.Val, 1-n.Val)
		})
		eachCondition(q, func(c condition) { limits = append(limits, c.limit, 100*c.limit, 100-c.limit, 100-100*c.limit) })
		var compared []condition
		eachCondition(q, func(c condition) { compared = append(compared, c) })
		if len(compared) != 1 || len(q.Variables) > 0 || !share(q, compared[0].value) {
			return // a percentage in the text may be of something else, such as of a limit
		}
		written := func(x float64) bool {
			return slices.ContainsFunc(limits, func(l float64) bool { return math.Abs(l-x) < 1e-6*math.Max(1, math.Abs(x)) })
		}
		for _, p := range r.Annotations {
			other := -1.0
			var at diag.Position
			for _, m := range thresholds.FindAllStringSubmatchIndex(p.Value.Value, -1) {
				x, err := strconv.ParseFloat(p.Value.Value[m[2]:m[3]], 64)
				if err != nil || written(x) {
					other = -1
					break // the text has the threshold, and those of other alerts
				}
				if other < 0 {
					other, at = x, p.Value.Position(m[0], m[1])
				}
			}
			if other >= 0 {
				report.at(at, fmt.Sprintf("the text says %v%%, which is not in the expression", other), "write the threshold of the expression")
			}
		}
	},
}

// share reports whether a value is a part of a whole or a percentage, as far as the unit, the name or a division says.
func share(q *Query, e parser.Expr) bool {
	if u := q.Table.Of(e).Unit; u.IsShare() {
		return true
	}
	found := false
	query.Walk(e, func(n parser.Expr) {
		switch x := n.(type) {
		case *parser.BinaryExpr:
			found = found || x.Op == parser.DIV && x.RHS.Type() == parser.ValueTypeVector
		case *parser.VectorSelector:
			found = found || shareName.MatchString(x.Name)
		}
	})
	return found
}

var shareName = regexp.MustCompile(`(?i)percent|_pct|ratio|utili[sz]ation`)

var thresholds = regexp.MustCompile(`(?i)\b(?:above|below|over|under|more than|less than|exceeds?|greater than|>|<)\s*(\d+(?:\.\d+)?) ?%`)
