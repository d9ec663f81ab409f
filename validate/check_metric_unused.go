package validate

import (
	"slices"

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
		own := s.Catalog.Own()
		for _, m := range s.Unread() {
			if slices.Contains(own, m) {
				report(diag.Finding{At: m.Site.Position(), Subject: m.Name, Message: "nothing in these files reads " + m.Name, Mend: "show it, alert on it, or drop it"})
			}
		}
	},
}
