package validate

import (
	"fmt"
	"maps"
	"slices"

	"github.com/obsgen/obsgen/diag"
)

var metricCardinality = &Check{
	ID: "metric/cardinality", Severity: diag.Warning, Title: "A metric of very many series",
	Why:     "Each set of labels is a series of its own, which costs memory in every Prometheus that scrapes it.",
	Source:  practices + "instrumentation/#do-not-overuse-labels",
	Example: Example{Exposed, "# HELP app_a A.\n# TYPE app_a gauge\napp_a{x=\"1\"} 1\napp_a{x=\"2\"} 1\napp_a{x=\"3\"} 1\n", "# HELP app_a A.\n# TYPE app_a gauge\napp_a{x=\"1\"} 1\napp_a{x=\"2\"} 1\n"},
	Family: func(f *Family, report Report) {
		if most := f.Set.Policy.MaxMetricSeries; most > 0 && len(f.Metric) > most {
			values := map[string]map[string]bool{}
			for _, m := range f.Metric {
				for _, l := range m.Label {
					if values[l.GetName()] == nil {
						values[l.GetName()] = map[string]bool{}
					}
					values[l.GetName()][l.GetValue()] = true
				}
			}
			widest := ""
			for _, n := range slices.Sorted(maps.Keys(values)) {
				if len(values[n]) > len(values[widest]) {
					widest = n
				}
			}
			report.because(f.at(f.Line), fmt.Sprintf("%s has %d series", f.GetName(), len(f.Metric)), fmt.Sprintf("the project allows %d; its label %s has %d values", most, widest, len(values[widest])), "bound the values of "+widest)
		}
	},
}
