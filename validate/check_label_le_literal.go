package validate

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var labelLeLiteral = &Check{
	ID: "label/le-literal", Severity: diag.Warning, Title: "A bucket in another spelling than it is stored",
	Why:     "Prometheus 3 stores the label le with a point: 1.0 and never 1. A matcher with the old spelling selects nothing.",
	Source:  "https://prometheus.io/docs/prometheus/latest/migration/#le-and-quantile-label-values",
	Example: Example{PromQL, `other_duration_seconds_bucket{le="1"}`, `other_duration_seconds_bucket{le=~"1(\\.0)?"}`},
	Query: eachMatcher(func(q *Query, vs *parser.VectorSelector, m *labels.Matcher, report Report) {
		if m.Name != labels.BucketLabel || m.Type != labels.MatchEqual || variable(m.Value) || !strings.HasSuffix(vs.Name, "_bucket") || strings.Contains(vs.Name, ":") || q.Set.Server.before(3, 0) {
			return
		}
		if _, ok := q.Set.names()[vs.Name]; ok {
			return // the inference knows the buckets
		}
		x, err := strconv.ParseFloat(m.Value, 64)
		if err != nil {
			return
		}
		if want := labels.FormatOpenMetricsFloat(x); want != m.Value {
			report(diag.Finding{At: q.matcherAt(vs, m), Message: fmt.Sprintf("%s selects nothing: the label is stored as %q", m, want), Mend: "write " + want,
				Edits: q.matcherEdit(vs, m, "", func(string) string { return want })})
		}
	}),
}
