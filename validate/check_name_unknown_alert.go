package validate

import (
	"maps"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/catalog/external"
	"github.com/obsgen/obsgen/diag"
)

var nameUnknownAlert = &Check{
	ID: "name/unknown-alert", Severity: diag.Warning, Title: "An alert that does not exist",
	Why:     "The query asks for an alert by a name that no rule of these files has, and one beside it has nearly the same: nothing is ever found. Alerts of other directories, and names that only begin alike, are taken for those of another server.",
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
					if near := misspelt(m.Value, q.Rule); near != "" {
						report.at(q.Within(vs, m.Value), "no rule has the alert "+m.Value, "did you mean "+near+"?")
					}
				}
			}
		})
	},
}

// misspelt returns the name of an alert in the directory of a rule of which another name is a misspelling by a letter or
// two, "" where there is none. One that begins or ends with the other, or differs in a number, is a name of its own.
func misspelt(name string, r *Rule) string {
	near := diag.Nearest(name, slices.DeleteFunc(slices.Collect(maps.Keys(r.Set.alerts)), func(n string) bool {
		return strings.Contains(n, name) || strings.Contains(name, n) || digits(n) != digits(name) || n == r.Alert.Value || !r.beside(r.Set.alerts[n])
	}))
	if most := 1 + min(len(name)/10, 1); near == "" || diag.Distance(name, near) > most {
		return ""
	}
	return near
}

// digits returns the digits of a name.
func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}
