package validate

import (
	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/diag"
)

var metricUnused = &Check{
	ID: "metric/unused", Severity: diag.Info, Title: "A metric that nothing reads",
	Why:     "No panel and no rule of the files reads the metric: it costs memory in every Prometheus. Other readers are not seen.",
	Source:  practices + "instrumentation/",
	Example: Example{},
	Set: func(s *Set, report Report) {
		if s.Catalog == nil || len(s.Dashboards) == 0 {
			return
		}
		used := map[*catalog.Metric]bool{}
		index := s.names()
		for _, q := range s.Queries {
			for _, name := range reads(q.Expr) {
				if x, ok := index[name]; ok {
					used[x.Metric] = true
				}
			}
		}
		for _, m := range s.Catalog.Own() {
			if !used[m] {
				report(diag.Finding{At: m.Site.Position(), Subject: m.Name, Message: "nothing in these files reads " + m.Name, Mend: "show it, alert on it, or drop it"})
			}
		}
	},
}
