package validate

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
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
		n := 0
		eachCondition(q, func(condition) { n++ })
		if n != 1 || len(q.Variables) > 0 {
			return
		}
		for _, p := range r.Annotations {
			for _, m := range thresholds.FindAllStringSubmatchIndex(p.Value.Value, -1) {
				x, err := strconv.ParseFloat(p.Value.Value[m[2]:m[3]], 64)
				if err != nil || slices.ContainsFunc(limits, func(l float64) bool { return math.Abs(l-x) < 1e-6*math.Max(1, math.Abs(x)) }) {
					continue
				}
				report.at(p.Value.Position(m[0], m[1]), fmt.Sprintf("the text says %v%%, which is not in the expression", x), "write the threshold of the expression")
			}
		}
	},
}

var thresholds = regexp.MustCompile(`(?i)\b(?:above|below|over|under|more than|less than|exceeds?|greater than|>|<)\s*(\d+(?:\.\d+)?) ?%`)
