package validate

import (
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/infer"
)

var rangeNanOverTime = &Check{
	ID: "range/nan-over-time", Severity: diag.Warning, Title: "One idle moment in an average over time",
	Why:     "A share of no traffic is NaN, and one NaN makes the average of the whole window NaN: after a quiet night the month has no value.",
	Source:  workbook,
	Example: Example{RuleFile, "groups:\n  - name: g\n    rules:\n      - record: all:app_failing:ratio\n        expr: sum(rate(app_requests_total{code=~\"5..\"}[5m])) / sum(rate(app_requests_total[5m]))\n      - {alert: A, expr: 'avg_over_time(all:app_failing:ratio[1d]) > 0.01', for: 5m}\n", "groups:\n  - name: g\n    rules:\n      - record: all:app_failing:ratio\n        expr: sum(rate(app_requests_total{code=~\"5..\"}[5m])) / (sum(rate(app_requests_total[5m])) > 0)\n      - {alert: A, expr: 'avg_over_time(all:app_failing:ratio[1d]) > 0.01', for: 5m}\n"},
	Query: func(q *Query, report Report) {
		eachOf(q, func(c *parser.Call) {
			switch c.Func.Name {
			case "avg_over_time", "sum_over_time", "stddev_over_time", "stdvar_over_time":
			default:
				return
			}
			t := q.Table.Of(c.Args[0])
			if (t.Kind == infer.Ratio || t.Kind == infer.Mean) && t.Range.NaN && t.Unit.IsKnown() && t.Empty != infer.Must {
				report.because(q.Position(c), short(c)+" is NaN as soon as one of its samples is", "the divisor of what it averages can be 0", "divide by (… > 0) there, so that idle moments have no sample")
			}
		})
	},
}
