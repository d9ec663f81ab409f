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

var histSummaryQuantileMissing = &Check{
	ID: "hist/summary-quantile-missing", Severity: diag.Warning, Title: "A quantile in another spelling than it is stored",
	Why:     "Prometheus 3 stores the labels le and quantile in their shortest form with a point: 0.9 and never 0.90. A matcher with another spelling selects nothing.",
	Source:  "https://prometheus.io/docs/prometheus/latest/migration/#le-and-quantile-label-values",
	Example: Example{PromQL, `rpc_duration_seconds{quantile="0.90"}`, `rpc_duration_seconds{quantile="0.9"}`},
	Query: eachMatcher(func(q *Query, vs *parser.VectorSelector, m *labels.Matcher, report Report) {
		if m.Name != model.QuantileLabel || m.Type != labels.MatchEqual || variable(m.Value) || strings.Contains(vs.Name, ":") || q.Set.Server.before(3, 0) {
			return
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
