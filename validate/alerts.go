package validate

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/catalog/external"
	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/infer"
	"github.com/obsgen/obsgen/unit"
)

// alertChecks look at alerting rules.
var alertChecks = []*Check{
	{
		ID: "alert/no-condition", Severity: diag.Warning, Title: "An alert without a condition",
		Why:     "An alert fires for every series that its expression returns. Without a comparison it fires whenever the metric is there, whatever its value.",
		Source:  "https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/",
		Example: Example{Alert, "alert: A\nexpr: app_queue_length\nfor: 5m", "alert: A\nexpr: app_queue_length > 100\nfor: 5m"},
		Rule: func(r *Rule, report Report) {
			q := r.query()
			if !r.IsAlert() || q == nil || r.Group.Grafana || filters(q, q.Expr) {
				return
			}
			if _, ok := number(q.Expr); ok || constant(q.Expr) {
				report(diag.Finding{ID: "alert/always", At: q.Position(q.Expr), Message: short(q.Expr) + " is always there: the alert fires all the time", Mend: "excuse it, if it is meant as a dead man's switch"})
				return
			}
			report.at(q.Position(q.Expr), "the alert has no condition: it fires while there is any series", "compare the value with something")
		},
	},
	{
		ID: "alert/always", Severity: diag.Info, Title: "An alert that always fires",
		Why:     "A constant is always there. As a dead man's switch, which tells that the way to the pager works, that is meant.",
		Source:  practices + "alerting/#metamonitoring",
		Example: Example{Alert, "alert: A\nexpr: vector(1)", "alert: A\nexpr: up == 0\nfor: 5m"},
	},
	{
		ID: "alert/absent-no-for", Severity: diag.Warning, Title: "An absence that is not waited for",
		Why:     "After a restart of Prometheus, or at one failed scrape, a series is absent for a moment. Without for the alert fires at once.",
		Source:  promDocs + "functions/#absent",
		Example: Example{Alert, "alert: A\nexpr: absent(up{job=\"app\"})", "alert: A\nexpr: absent(up{job=\"app\"})\nfor: 5m"},
		Rule: func(r *Rule, report Report) {
			q := r.query()
			if !r.IsAlert() || q == nil || r.HasFor || r.Group.Grafana {
				return
			}
			if c, ok := unparen(q.Expr).(*parser.Call); ok && c.Func.Name == "absent" {
				report.at(q.Position(c), "the alert does not wait: a series is absent for a moment after every restart", "give the alert a for of some minutes")
			}
		},
	},
	{
		ID: "alert/for-vs-vanish", Severity: diag.Info, Title: "A wait that is longer than the condition lasts",
		Why:     "One event leaves the window of increase() after the window's length. An alert that waits longer than that fires only where events keep coming, never for one.",
		Source:  practices + "alerting/",
		Example: Example{Alert, "alert: A\nexpr: increase(app_errors_total[5m]) > 0\nfor: 10m", "alert: A\nexpr: increase(app_errors_total[15m]) > 0\nfor: 5m"},
		Rule: func(r *Rule, report Report) {
			q := r.query()
			if !r.IsAlert() || q == nil || r.For == 0 {
				return
			}
			b, ok := unparen(q.Expr).(*parser.BinaryExpr)
			if !ok || b.Op != parser.GTR {
				return
			}
			x, isNumber := number(b.RHS)
			l, okL := onlySelector(b.LHS)
			if isNumber && x == 0 && okL && slices.Contains([]string{"increase", "changes", "resets"}, innermost(b.LHS)) && l.window > 0 && r.For >= l.window {
				report.because(r.ForAt.At(), fmt.Sprintf("the alert waits %s for something that is seen for %s", unit.Duration(r.For), unit.Duration(l.window)),
					"one event is in the window of "+short(b.LHS)+" for its length", "use a for shorter than the window")
			}
		},
	},
	{
		ID: "time/for-too-long", Severity: diag.Error, Title: "A time of day that is over before the alert fires",
		Why:     "hour() == 3 holds for an hour. An alert that waits longer for it never fires.",
		Source:  promDocs + "functions/#hour",
		Example: Example{Alert, "alert: A\nexpr: hour() == 3\nfor: 2h", "alert: A\nexpr: hour() == 3\nfor: 30m"},
		Rule: func(r *Rule, report Report) {
			q := r.query()
			if !r.IsAlert() || q == nil {
				return
			}
			b, ok := unparen(q.Expr).(*parser.BinaryExpr)
			if !ok || b.Op != parser.EQLC {
				return
			}
			c, ok := unparen(b.LHS).(*parser.Call)
			if !ok {
				return
			}
			lasts := map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day_of_week": 24 * time.Hour, "day_of_month": 24 * time.Hour, "day_of_year": 24 * time.Hour}[c.Func.Name]
			if lasts > 0 && r.For >= lasts {
				report.at(r.ForAt.At(), fmt.Sprintf("%s holds for %s, and the alert waits %s", short(b), unit.Duration(lasts), unit.Duration(r.For)), "use a shorter for")
			}
		},
	},
	{
		ID: "alert/idle-series", Severity: diag.Warning, Title: "An alert for each idle series",
		Why:     "Without an aggregation each series is looked at alone: the alert fires for every status code or method that is not in use just then, and says nothing when the service gets no request at all and has no series.",
		Source:  practices + "alerting/",
		Example: Example{Alert, "alert: A\nexpr: rate(app_requests_total[5m]) == 0\nfor: 5m", "alert: A\nexpr: sum(rate(app_requests_total[5m])) == 0\nfor: 5m"},
		Rule: func(r *Rule, report Report) {
			q := r.query()
			if !r.IsAlert() || q == nil {
				return
			}
			b, ok := unparen(q.Expr).(*parser.BinaryExpr)
			if !ok || b.Op != parser.EQLC && b.Op != parser.LTE && b.Op != parser.LSS {
				return
			}
			c, ok := unparen(b.LHS).(*parser.Call)
			x, isNumber := number(b.RHS)
			if !ok || !isNumber || x > 0.01 || c.Func.Name != "rate" && c.Func.Name != "increase" && c.Func.Name != "irate" {
				return
			}
			if own := ownLabels(q.Table.Of(c)); len(own) > 0 {
				report.because(q.Position(c), "the alert fires for every idle combination of "+strings.Join(own, ", "), "nothing sums the series", "sum them first, by the labels that matter")
			}
		},
	},
	{
		ID: "alert/at-floor", Severity: diag.Warning, Title: "An alert at the bottom of what can be",
		Why:     "The value is never below the threshold: the alert fires only while it is exactly there, which for a share of failures is when nothing fails. Mostly the expression is the opposite of what its name says.",
		Source:  workbook,
		Example: Example{Alert, "alert: A\nexpr: sum(rate(app_errors_total[5m])) <= 0\nfor: 5m", "alert: A\nexpr: 1 - sum(rate(app_errors_total[5m])) / sum(rate(app_requests_total[5m])) <= 0.9\nfor: 5m"},
		Rule: func(r *Rule, report Report) {
			q := r.query()
			if !r.IsAlert() || q == nil {
				return
			}
			b, ok := unparen(q.Expr).(*parser.BinaryExpr)
			if !ok || b.Op != parser.LTE {
				return
			}
			x, isNumber := number(b.RHS)
			if t := q.Table.Of(b.LHS); isNumber && t.Range.Lo == x && !t.Range.OpenLo && t.Kind != infer.Gauge && t.Kind != infer.Counted {
				report.because(q.Position(b), fmt.Sprintf("%s is never below %v: this holds only while it is exactly that", short(b.LHS), x),
					"its least value is "+fmt.Sprint(t.Range.Lo), "write == where that is meant, or turn the expression round")
			}
		},
	},
	{
		ID: "type/raw-counter", Severity: diag.Warning, Title: "A counter taken for what it counts",
		Why:     "A counter grows until the process restarts. Compared or shown as it is, it tells how long that is ago: an alert on it never ends once it fires.",
		Source:  practices + "instrumentation/#counter-vs-gauge-summary-vs-histogram",
		Example: Example{Alert, "alert: A\nexpr: app_errors_total > 100\nfor: 5m", "alert: A\nexpr: increase(app_errors_total[1h]) > 100\nfor: 5m"},
		Query: func(q *Query, report Report) {
			switch {
			case q.Rule != nil && q.Rule.IsAlert():
				each(q.Expr, func(b *parser.BinaryExpr) {
					x, ok := number(b.RHS)
					k := q.Table.Of(b.LHS).Kind
					if ok && x != 0 && (b.Op == parser.GTR || b.Op == parser.GTE) && (k == infer.Counter || k == infer.Cumulative) && !q.Touches(b.RHS) {
						report.at(q.Position(b.LHS), short(b.LHS)+" has counted since the process started", "compare increase(…[1h]) or rate(…)")
					}
				})
			case q.Panel != nil && slices.Contains([]string{"stat", "singlestat", "gauge", "timeseries", "graph", "bargauge"}, q.Panel.Type.Value):
				if k := q.Root().Kind; (k == infer.Counter || k == infer.Cumulative) && q.Root().Metric != nil {
					report(diag.Finding{At: q.Position(q.Expr), Message: short(q.Expr) + " has counted since the process started, not over the time that is shown", Mend: "show rate(…), or increase(…[$__range])"})
				}
			}
		},
	},
	{
		ID: "hist/not-aggregated", Severity: diag.Warning, Title: "A quantile for each series",
		Why:    "Without an aggregation there is one quantile for each combination of labels. None of them is that of the service, and an alert on them fires for each.",
		Source: practices + "histograms/#quantiles",
		Example: Example{RuleFile, "groups:\n  - name: g\n    rules:\n      - record: app:duration_seconds:p99\n        expr: histogram_quantile(0.99, rate(app_duration_seconds_bucket[5m]))\n",
			"groups:\n  - name: g\n    rules:\n      - record: app:duration_seconds:p99\n        expr: histogram_quantile(0.99, sum by (le) (rate(app_duration_seconds_bucket[5m])))\n"},
		Query: func(q *Query, report Report) {
			if q.Rule == nil {
				return
			}
			each(q.Expr, func(c *parser.Call) {
				if c.Func.Name != "histogram_quantile" || len(c.Args) < 2 {
					return
				}
				if _, bare := unparen(c.Args[1]).(*parser.Call); !bare {
					return
				}
				if own := ownLabels(q.Table.Of(c)); len(own) > 0 {
					report.because(q.Position(c), "there is one quantile for each combination of "+strings.Join(own, ", "), "nothing sums the buckets", "sum them by le and the labels that matter")
				}
			})
		},
	},
	{
		ID: "unit/threshold-scale", Severity: diag.Warning, Title: "A threshold that looks like a share of something else",
		Why:     "The value is an amount, such as a number of GiB, and the threshold a fraction below 1, such as 0.8 for 80%: the alert fires as good as always.",
		Source:  practices + "alerting/",
		Example: Example{Alert, "alert: A\nexpr: app_memory_bytes / 1024 / 1024 / 1024 > 0.8\nfor: 5m", "alert: A\nexpr: app_memory_bytes / app_limit_bytes > 0.8\nfor: 5m"},
		Rule: func(r *Rule, report Report) {
			q := r.query()
			if !r.IsAlert() || q == nil {
				return
			}
			each(q.Expr, func(b *parser.BinaryExpr) {
				x, ok := number(b.RHS)
				t := q.Table.Of(b.LHS)
				if !ok || b.Op != parser.GTR && b.Op != parser.GTE || !(x > 0.3 && x < 1) || !t.Unit.IsBytes() {
					return
				}
				report.because(q.Position(b), fmt.Sprintf("%s is an amount of memory, and %v looks like a share of it", short(b.LHS), x),
					"its unit is "+t.Unit.String(), "divide by what there is, or compare with an amount")
			})
		},
	},
	{
		ID: "alert/duplicate", Severity: diag.Warning, Title: "An alert that is written twice",
		Why:     "Two rules with one name, the same labels and the same expression send everything twice.",
		Source:  "https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/",
		Example: Example{RuleFile, "groups:\n  - name: g\n    rules:\n      - {alert: A, expr: up == 0, for: 5m}\n      - {alert: A, expr: up == 0, for: 5m}\n", "groups:\n  - name: g\n    rules:\n      - {alert: A, expr: up == 0, for: 5m}\n      - {alert: B, expr: up == 1, for: 5m}\n"},
		Set: func(s *Set, report Report) {
			for _, rs := range s.alerts {
				seen := map[string]*Rule{}
				for _, r := range rs {
					q := r.query()
					if q == nil {
						continue
					}
					key := r.Name().File().Path + "\x00" + q.Expr.String() + "\x00" + fmt.Sprint(r.For)
					for _, l := range r.Labels {
						key += "\x00" + l.Key.Value + "=" + l.Value.Value
					}
					if first, ok := seen[key]; ok {
						report(diag.Finding{At: r.Alert.At(), Subject: r.Alert.Value, Message: "the alert " + r.Alert.Value + " is written twice, with the same expression and labels", Mend: "delete one of them",
							Related: []diag.Related{{At: first.Alert.At(), Message: "the other one"}}})
						continue
					}
					seen[key] = r
				}
			}
		},
	},
}

// filters reports whether an expression has series only while something is the case.
func filters(q *Query, e parser.Expr) bool {
	switch n := unparen(e).(type) {
	case *parser.BinaryExpr:
		switch {
		case n.Op.IsComparisonOperator():
			return !n.ReturnBool
		case n.Op == parser.LOR:
			return filters(q, n.LHS) && filters(q, n.RHS)
		case n.Op == parser.LAND, n.Op == parser.LUNLESS:
			return true
		}
		return filters(q, n.LHS) || filters(q, n.RHS)
	case *parser.Call:
		if strings.HasPrefix(n.Func.Name, "absent") {
			return true
		}
		return slices.ContainsFunc(n.Args, func(a parser.Expr) bool { return a.Type() == parser.ValueTypeVector && filters(q, a) })
	case *parser.AggregateExpr:
		return filters(q, n.Expr)
	case *parser.UnaryExpr:
		return filters(q, n.Expr)
	case *parser.VectorSelector:
		if n.Name == external.AlertsActive.Name || n.Name == external.AlertsForState.Name {
			return true
		}
		// A recorded series can be the condition itself.
		for _, r := range q.Set.recorded[n.Name] {
			if x := r.query(); x != nil && filters(x, x.Expr) {
				return true
			}
		}
		return false
	case *parser.SubqueryExpr:
		return filters(q, n.Expr)
	}
	return false
}

// constant reports whether an expression reads no series.
func constant(e parser.Expr) bool {
	reads := false
	each(e, func(*parser.VectorSelector) { reads = true })
	return !reads
}

// innermost returns the function nearest to the selector.
func innermost(e parser.Expr) string {
	name := ""
	each(e, func(c *parser.Call) { name = c.Func.Name })
	return name
}

// ownLabels returns the labels of a closed set that the metric itself has, without those of its target.
func ownLabels(t infer.Type) []string {
	if !t.Labels.Closed() {
		return nil
	}
	var out []string
	for _, n := range t.Labels.Names() {
		if n != catalog.Job.Name && n != catalog.Instance.Name && n != "le" && n != "__name__" {
			out = append(out, n)
		}
	}
	return out
}
