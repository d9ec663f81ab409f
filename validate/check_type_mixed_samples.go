package validate

import (
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/infer"
)

var typeMixedSamples = &Check{
	ID: "type/mixed-samples", Severity: diag.Error, Title: "Numbers and native histograms in one sum",
	Why:     "An aggregation of both drops the group with a warning: there is no sum of a number and a histogram.",
	Source:  promDocs + "operators/#aggregation-operators",
	Example: Example{PromQL, `sum(rate({__name__=~"app_size_bytes|app_sent_bytes_total"}[5m]))`, `sum(rate(app_sent_bytes_total[5m]))`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(vs *parser.VectorSelector) {
			for _, m := range vs.LabelMatchers {
				if m.Name != model.MetricNameLabel || m.Type != labels.MatchRegexp {
					continue
				}
				native, plain := "", ""
				for _, n := range m.SetMatches() {
					t, ok := q.Set.Env.Lookup(n)
					switch {
					case !ok:
					case t.Native == infer.Must:
						native = n
					case t.Native == infer.Never:
						plain = n
					}
				}
				if native != "" && plain != "" {
					report.at(q.Position(vs), native+" is a native histogram, and "+plain+" a number", "use one query each")
				}
			}
		})
	},
}
