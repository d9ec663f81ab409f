package validate

import (
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/diag"
)

var coverLabelUnused = &Check{
	ID: "cover/label-unused", Severity: diag.Info, Title: "A label that nothing looks at",
	Why:       "Every label multiplies the series of its metric. One that no query selects by, groups by or shows is paid for by nobody's use.",
	Source:    practices + "instrumentation/#do-not-overuse-labels",
	OnRequest: true,
	Set: func(s *Set, report Report) {
		if s.Catalog == nil || len(s.Dashboards) == 0 {
			return
		}
		used := map[*catalog.Metric]map[string]bool{}
		index := s.names()
		for _, q := range s.Queries {
			words := map[string]bool{}
			eachLabelList(q, func(_ parser.Expr, names []string) {
				for _, n := range names {
					words[n] = true
				}
			})
			for _, n := range q.Root().Labels.Names() {
				words[n] = true
			}
			eachOf(q, func(vs *parser.VectorSelector) {
				x, ok := index[vs.Name]
				if !ok {
					return
				}
				if used[x.Metric] == nil {
					used[x.Metric] = map[string]bool{}
				}
				for _, m := range vs.LabelMatchers {
					used[x.Metric][m.Name] = true
				}
				for w := range words {
					used[x.Metric][w] = true
				}
			})
		}
		for _, m := range s.Catalog.Own() {
			for _, l := range m.Labels {
				if used[m] != nil && !used[m][l.Name] {
					report(diag.Finding{At: l.Site.Position(), Subject: m.Name, Message: "nothing in these files looks at the label " + l.Name + " of " + m.Name, Mend: "show it, or drop it"})
				}
			}
		}
	},
}
