package validate

import (
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/diag"
)

var alertNoCondition = &Check{
	ID: "alert/no-condition", Severity: diag.Warning, Title: "An alert without a condition",
	Why:     "An alert fires for every series that its expression returns. Without a comparison it fires whenever the metric is there, whatever its value. A matcher on a label that is not the target's, as of an info metric, is a condition, too.",
	Source:  "https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/",
	Example: Example{Alert, "alert: A\nexpr: app_queue_length\nfor: 5m", "alert: A\nexpr: app_queue_length > 100\nfor: 5m"},
	Rule: func(r *Rule, report Report) {
		q := r.query()
		if !r.IsAlert() || q == nil || r.Group.Grafana || conditional(q, q.Expr) {
			return
		}
		if _, ok := number(q.Expr); ok || constant(q.Expr) {
			report(diag.Finding{ID: "alert/always", At: q.Position(q.Expr), Message: short(q.Expr) + " is always there: the alert fires all the time", Mend: "excuse it, if it is meant as a dead man's switch"})
			return
		}
		report.at(q.Position(q.Expr), "the alert has no condition: it fires while there is any series", "compare the value with something")
	},
}

// conditional reports whether an alert's expression has series only while something is the case, be it that there are
// series with certain labels.
func conditional(q *Query, e parser.Expr) bool {
	if b, ok := unparen(e).(*parser.BinaryExpr); ok && b.Op == parser.LOR {
		return conditional(q, b.LHS) && conditional(q, b.RHS)
	}
	return filters(q, e) || byLabels(q, e, false)
}

// byLabels reports whether a state in labels chooses the series of an expression: x_info{ready!="True"}. Of an aggregated
// value only info metrics count, whose value is 1: sum(x{code="500"}) is a number that nothing is compared with.
func byLabels(q *Query, e parser.Expr, aggregated bool) bool {
	switch n := unparen(e).(type) {
	case *parser.VectorSelector:
		if strings.Contains(n.Name, ":") && len(q.Set.recorded[n.Name]) == 0 {
			return !aggregated // a rule elsewhere records it, perhaps with the condition
		}
		info := strings.HasSuffix(n.Name, "_info") || strings.HasSuffix(n.Name, "_labels") || strings.HasSuffix(n.Name, "_annotations")
		t := q.Table.Of(n)
		if t.Metric != nil && !t.Metric.Range.IsZero() {
			info = t.Metric.Range == catalog.Range{Min: 1, Max: 1}
			aggregated = true
		}
		if aggregated && !info || t.Kind.CountsUp() || countsByName(n.Name) {
			return false
		}
		return stateOf(n, info)
	case *parser.MatrixSelector:
		// A series of one outcome that appeared of late says that there was such an outcome, be it a counter's.
		vs := n.VectorSelector.(*parser.VectorSelector)
		return byLabels(q, vs, aggregated) || !aggregated && stateOf(vs, false)
	case *parser.Call:
		return keepsStates[n.Func.Name] && byLabels(q, n.Args[0], aggregated)
	case *parser.AggregateExpr:
		return byLabels(q, n.Expr, aggregated || n.Op != parser.COUNT && n.Op != parser.GROUP)
	case *parser.BinaryExpr:
		return n.Op == parser.MUL && (byLabels(q, n.LHS, aggregated) || byLabels(q, n.RHS, aggregated))
	}
	return false
}

// stateOf reports whether a selector chooses series by a label that is not the target's; of an info metric it may be any value.
func stateOf(vs *parser.VectorSelector, info bool) bool {
	return slices.ContainsFunc(vs.LabelMatchers, func(m *labels.Matcher) bool {
		present := m.Matches("x") && m.Matches("0") && (m.Type == labels.MatchRegexp || !m.Matches(""))
		return m.Name != model.MetricNameLabel && !targetLabels[m.Name] && (info || !present)
	})
}

// countsByName reports whether a name ends as those of counters do.
func countsByName(name string) bool {
	return slices.ContainsFunc([]string{"_total", "_bucket", "_sum", "_count"}, func(end string) bool { return strings.HasSuffix(name, end) })
}

var (
	// targetLabels are labels that say where a series comes from.
	targetLabels = words("job instance cluster namespace pod node container service endpoint app env environment region zone datacenter dc host hostname nodename tenant prometheus")
	// keepsStates are the functions after which a series is still there for the same reason.
	keepsStates = words("label_replace label_join sort sort_desc last_over_time first_over_time max_over_time min_over_time present_over_time count_over_time")
)
