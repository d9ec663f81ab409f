package validate

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/unit"
)

var templateForText = &Check{
	ID: "template/for-text", Severity: diag.Info, Title: "A text with another wait than the alert's",
	Why:     "Who reads the message takes it for how long the fault has lasted.",
	Source:  practices + "alerting/",
	Example: Example{Alert, "alert: A\nexpr: up == 0\nfor: 5m\nannotations:\n  summary: down for more than 10 minutes", "alert: A\nexpr: up == 0\nfor: 5m\nannotations:\n  summary: down for more than 5 minutes"},
	Rule: func(r *Rule, report Report) {
		q := r.query()
		if !r.IsAlert() || q == nil || r.Group.Grafana {
			return
		}
		windows := []time.Duration{r.For, r.KeepFiringFor}
		eachOf(q, func(m *parser.MatrixSelector) { windows = append(windows, m.Range, m.Range+r.For) })
		eachOf(q, func(s *parser.SubqueryExpr) { windows = append(windows, s.Range, s.Range+r.For) })
		eachCondition(q, func(c condition) { windows = append(windows, time.Duration(c.limit*float64(time.Second))) })
		for _, p := range r.Annotations {
			for _, m := range waits.FindAllStringSubmatchIndex(p.Value.Value, -1) {
				n, _ := strconv.Atoi(p.Value.Value[m[2]:m[3]])
				per := map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour}[p.Value.Value[m[4]]|0x20]
				if d := time.Duration(n) * per; !slices.Contains(windows, d) {
					report.at(p.Value.Position(m[0], m[1]), fmt.Sprintf("the text says %s, and the alert waits %s", unit.Duration(d), unit.Duration(r.For)), "write how long the alert waits")
				}
			}
		}
	},
}

// A single letter is a unit of time in lower case only: 1M is a million.
var waits = regexp.MustCompile(`(?i)\bfor (?:more than |over |longer than |at least |the last |the past )?(\d{1,3}) ?((?-i:[smhd])|sec|seconds?|min|mins|minutes?|hours?|days?)\b`)
