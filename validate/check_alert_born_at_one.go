package validate

import (
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/diag"
)

var alertBornAtOne = &Check{
	ID: "alert/born-at-one", Severity: diag.Info, Title: "A first event that nobody sees",
	Why:     "A counter with labels that nothing sets to 0 beforehand begins with its first event, at 1. rate and increase see no growth in that, and an alert on any event at all misses the first one.",
	Source:  practices + "instrumentation/#avoid-missing-metrics",
	Example: Example{Alert, "alert: A\nexpr: increase(app_errors_total[5m]) > 0\nfor: 1m", "alert: A\nexpr: increase(app_retries_total[5m]) > 0\nfor: 1m"},
	Query: func(q *Query, report Report) {
		if q.Rule == nil || !q.Rule.IsAlert() {
			return
		}
		guarded := map[string]bool{} // x unless x offset … is what was not there before
		eachOf(q, func(b *parser.BinaryExpr) {
			l, okL := onlySelector(b.LHS)
			r, okR := onlySelector(b.RHS)
			if b.Op == parser.LUNLESS && okL && okR && l.vs.Name == r.vs.Name && r.offset > l.offset {
				guarded[l.vs.Name] = true
			}
		})
		eachCondition(q, func(c condition) {
			if c.op != parser.GTR || c.limit != 0 && !(c.limit > 0 && c.limit < 1 && innermost(c.value) == "increase") {
				return
			}
			l, ok := onlySelector(c.value)
			if !ok || guarded[l.vs.Name] || l.fn != "increase" && l.fn != "rate" && innermost(c.value) != "increase" && innermost(c.value) != "rate" {
				return
			}
			x, known := q.Set.names()[l.vs.Name]
			if !known || x.Metric.Kind != catalog.KindCounter || x.Metric.Initialised || len(x.Metric.Labels) == 0 || x.Metric.Group.OpenLabels {
				return
			}
			var names []string
			for _, d := range x.Metric.Labels {
				names = append(names, d.Name)
			}
			report.because(q.Position(c.node), "the first event of a series is not seen", x.Metric.Name+" has a series for each "+strings.Join(names, ", ")+", which begins at 1", "let the service begin its series at 0, and declare Initialised; where the values are not known beforehand add: or (x unless x offset …)")
		})
	},
}
