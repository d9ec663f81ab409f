package validate

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var labelLeLiteral = &Check{
	ID: "label/le-literal", Severity: diag.Warning, Title: "A bucket in another spelling than Prometheus 3 stores it",
	Why:     "Prometheus 3 stores the label le with a point: 1.0 and never 1. A matcher with the old spelling selects nothing there; one with the new spelling selects nothing in Prometheus 2 and VictoriaMetrics.",
	Source:  "https://prometheus.io/docs/prometheus/latest/migration/#le-and-quantile-label-values",
	Example: Example{PromQL, `other_duration_seconds_bucket{le="1"}`, `other_duration_seconds_bucket{le=~"1|1.0"}`},
	Query: eachMatcher(func(q *Query, vs *parser.VectorSelector, m *labels.Matcher, report Report) {
		if m.Name == model.BucketLabel && strings.HasSuffix(vs.Name, "_bucket") {
			respelt(q, vs, m, report)
		}
	}),
}

// respelt reports a number in a label that Prometheus 3 stores in another spelling. The fix is that of the oldest server
// that has to run the query: both spellings, where it is not known to be Prometheus 3.
func respelt(q *Query, vs *parser.VectorSelector, m *labels.Matcher, report Report) {
	if m.Type != labels.MatchEqual || variable(m.Value) || strings.Contains(vs.Name, ":") || q.Set.Server.before(3, 0) {
		return
	}
	if s, ok := q.Set.names()[vs.Name]; ok && s.Suffix == "_bucket" {
		return // the inference knows the buckets
	}
	x, err := strconv.ParseFloat(m.Value, 64)
	if err != nil || m.Name == model.QuantileLabel && (x < 0 || x > 1) {
		return
	}
	want := labels.FormatOpenMetricsFloat(x)
	if want == m.Value {
		return
	}
	f := diag.Finding{At: q.matcherAt(vs, m), Message: fmt.Sprintf("%s selects nothing in Prometheus 3, which stores %q", m, want)}
	if q.Set.Server.Version != [2]int{} {
		f.Mend, f.Edits = "write "+want, q.matcherEdit(vs, m, "", func(string) string { return want })
	} else {
		both := m.Value + "|" + want
		f.Mend = fmt.Sprintf("write %s=~%q, which works in every version", m.Name, both)
		f.Edits = append(q.matcherEdit(vs, m, "=~", nil), q.matcherEdit(vs, m, "", func(string) string { return both })...)
	}
	report(f)
}
