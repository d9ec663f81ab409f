package validate

import (
	"strings"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/infer"
)

var recordTotalSuffix = &Check{
	ID: "record/total-suffix", Severity: diag.Info, Title: "A counter's suffix on what is no counter",
	Why:     "_total says that the series counts up. After a rate or a sum of rates it does not, and somebody takes its rate again.",
	Source:  practices + "rules/#naming",
	Example: Example{RuleFile, "groups:\n  - name: g\n    rules:\n      - record: job:app_requests_total:rate5m\n        expr: sum by (job) (rate(app_requests_total[5m]))\n", "groups:\n  - name: g\n    rules:\n      - record: job:app_requests:rate5m\n        expr: sum by (job) (rate(app_requests_total[5m]))\n"},
	Rule: func(r *Rule, report Report) {
		q := r.query()
		parts := strings.Split(r.Record.Value, ":")
		if q == nil || r.Record.IsZero() || len(parts) != 3 {
			return
		}
		if k := q.Root().Kind; strings.HasSuffix(parts[1], "_total") && (k == infer.Rate || k == infer.Increase || k == infer.Ratio) {
			report.at(r.Record.At(), "the recorded series is a "+k.String()+", and its name says that it counts up", "drop _total: "+parts[0]+":"+strings.TrimSuffix(parts[1], "_total")+":"+parts[2])
		}
	},
}
