package validate

import (
	"fmt"
	"slices"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/infer"
)

var alertLimitBelowCard = &Check{
	ID: "alert/limit-below-card", Severity: diag.Warning, Title: "A limit below what the rule gives",
	Why:     "A group's limit does not cut off: a rule that gives more series fails as a whole, and with it all of its alerts are gone.",
	Source:  "https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/#limiting-alerts-and-series",
	Example: Example{RuleFile, "groups:\n  - name: g\n    limit: 2\n    rules:\n      - {alert: A, expr: 'sum by (method) (rate(app_errors_total[5m])) > 1', for: 5m}\n", "groups:\n  - name: g\n    limit: 10\n    rules:\n      - {alert: A, expr: 'sum by (method) (rate(app_errors_total[5m])) > 1', for: 5m}\n"},
	Rule: func(r *Rule, report Report) {
		q := r.query()
		if q == nil || r.Group.Limit <= 0 {
			return
		}
		t := q.Root()
		n := bounded(t)
		if n > r.Group.Limit {
			report.because(r.At().At(), fmt.Sprintf("the rule gives up to %d series, and the group's limit is %d", n, r.Group.Limit), "above the limit all of them are dropped", "raise the limit")
		}
	},
}

// bounded returns how many series a result can have by the labels whose values are known, 0 where that is not known.
func bounded(t infer.Type) int {
	if !t.Labels.Closed() || t.Metric == nil {
		return 0
	}
	n := 1
	for _, name := range t.Labels.Names() {
		values, closed := t.Labels.Values(name).Set()
		if closed {
			n *= max(1, len(values))
			continue
		}
		i := slices.IndexFunc(t.Metric.Labels, func(l *catalog.LabelDef) bool { return l.Name == name })
		if i >= 0 {
			n *= max(1, t.Metric.Labels[i].Max)
		}
	}
	return n
}
