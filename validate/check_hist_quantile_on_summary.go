package validate

import (
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var histQuantileOnSummary = &Check{
	ID: "hist/quantile-on-summary", Severity: diag.Error, Title: "A summary's quantile taken for a histogram or a counter",
	Why:     "The series of a summary with the label quantile are quantiles already: they have no buckets, and they do not count up.",
	Source:  practices + "histograms/",
	Example: Example{PromQL, `rate(rpc_duration_seconds{quantile="0.9"}[5m])`, `max(rpc_duration_seconds{quantile="0.9"})`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(c *parser.Call) {
			if !slices.Contains([]string{"rate", "irate", "increase", "histogram_quantile"}, c.Func.Name) {
				return
			}
			l, ok := onlySelector(c)
			if !ok || strings.Contains(l.vs.Name, ":") {
				return
			}
			for _, m := range l.vs.LabelMatchers {
				if m.Name == model.QuantileLabel && m.Type == labels.MatchEqual && m.Value != "" && (c.Func.Name == "histogram_quantile" || l.fn == c.Func.Name) {
					report.at(q.Position(c), c.Func.Name+"() of a summary's quantile means nothing", "read the quantile itself, or take rate() of the _sum and _count series")
				}
			}
		})
	},
}
