package validate

import (
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var alertDupLabelset = &Check{
	ID: "alert/dup-labelset", Severity: diag.Warning, Title: "Alerts that differ in the metric's name alone",
	Why:     "An alert has no metric name. Two series with the same labels become one alert, and the evaluation of the rule fails.",
	Source:  "https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/",
	Example: Example{Alert, "alert: A\nexpr: '{__name__=~\"app_memory_bytes|app_limit_bytes\"} > 5'\nfor: 5m", "alert: A\nexpr: app_memory_bytes > 5 or app_limit_bytes > 5\nfor: 5m"},
	Rule: func(r *Rule, report Report) {
		q := r.query()
		if !r.IsAlert() || q == nil {
			return
		}
		c, ok := conditionOf(q, q.Expr)
		vs, isSelector := unparen(c.value).(*parser.VectorSelector)
		if !ok || !isSelector || vs.Name != "" {
			return
		}
		for _, m := range vs.LabelMatchers {
			if m.Name == model.MetricNameLabel && m.Type == labels.MatchRegexp && len(m.SetMatches()) > 1 {
				report.at(q.Position(vs), "two metrics with the same labels make one alert, which is an error", "write a rule for each, or aggregate them")
			}
		}
	},
}
