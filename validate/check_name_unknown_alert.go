package validate

import (
	"maps"
	"slices"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/catalog/external"
	"github.com/obsgen/obsgen/diag"
)

var nameUnknownAlert = &Check{
	ID: "name/unknown-alert", Severity: diag.Error, Title: "An alert that does not exist",
	Why:     "The query asks for an alert by a name that no rule of these files has, while it has others: nothing is ever found.",
	Source:  "https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/#inspecting-alerts-during-runtime",
	Example: Example{RuleFile, "groups:\n  - name: g\n    rules:\n      - {alert: AppDown, expr: up == 0, for: 5m}\n      - {alert: Both, expr: 'ALERTS{alertname=\"AppDowm\"} == 1', for: 5m}\n", "groups:\n  - name: g\n    rules:\n      - {alert: AppDown, expr: up == 0, for: 5m}\n      - {alert: Both, expr: 'ALERTS{alertname=\"AppDown\"} == 1', for: 5m}\n"},
	Query: func(q *Query, report Report) {
		if len(q.Set.alerts) == 0 || q.Rule == nil {
			return
		}
		eachOf(q, func(vs *parser.VectorSelector) {
			if vs.Name != external.AlertsActive.Name {
				return
			}
			for _, m := range vs.LabelMatchers {
				if m.Name == "alertname" && m.Type == labels.MatchEqual && len(q.Set.alerts[m.Value]) == 0 && !variable(m.Value) {
					if near := diag.Nearest(m.Value, slices.Collect(maps.Keys(q.Set.alerts))); near != "" {
						report.at(q.Within(vs, m.Value), "there is no alert "+m.Value, "did you mean "+near+"?")
					}
				}
			}
		})
	},
}
