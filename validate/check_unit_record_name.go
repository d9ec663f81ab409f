package validate

import (
	"fmt"
	"strings"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/unit"
)

var unitRecordName = &Check{
	ID: "unit/record-name", Severity: diag.Error, Title: "A name with another unit than the values",
	Why:     "Who reads the recorded series takes its unit from its name.",
	Source:  practices + "rules/#naming",
	Example: Example{RuleFile, "groups:\n  - name: g\n    rules:\n      - record: job:app_uptime_seconds:max\n        expr: max by (job) (app_uptime_seconds * 1000)\n", "groups:\n  - name: g\n    rules:\n      - record: job:app_uptime_seconds:max\n        expr: max by (job) (app_uptime_seconds)\n"},
	Rule: func(r *Rule, report Report) {
		q := r.query()
		parts := strings.Split(r.Record.Value, ":")
		if q == nil || r.Record.IsZero() || len(parts) != 3 {
			return
		}
		u := q.Root().Unit
		if !amount(u) || strings.Contains(parts[2], "ratio") || strings.Contains(parts[2], "percent") || strings.HasPrefix(parts[2], "rate") || strings.HasPrefix(parts[2], "increase") {
			return
		}
		for suffix, says := range map[string]unit.Unit{"_seconds": unit.Seconds, "_milliseconds": unit.Milliseconds, "_bytes": unit.Bytes, "_ratio": unit.Ratio, "_percent": unit.Percent} {
			if !strings.HasSuffix(parts[1], suffix) || says.IsDuration() && u.IsPoint() {
				continue
			}
			if !says.SameDimension(u) && !(says.IsShare() && u.IsShare()) || says.Scale() != u.Scale() {
				report.because(r.Record.At(), fmt.Sprintf("the name says %s, and the values are in %s", says, u), "by "+short(q.Expr), "convert the values, or name their unit")
			}
		}
	},
}
