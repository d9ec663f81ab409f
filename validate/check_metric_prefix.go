package validate

import (
	"regexp"
	"strings"

	"github.com/obsgen/obsgen/diag"
)

var metricPrefix = &Check{
	ID: "metric/prefix", Severity: diag.Warning, Title: "A metric without the project's prefix",
	Why:     "The prefix tells whose metric it is.",
	Source:  practices + "naming/",
	Example: Example{Exposed, "# HELP other_a A.\n# TYPE other_a gauge\nother_a 1\n", "# HELP app_a A.\n# TYPE app_a gauge\napp_a 1\n"},
	Family: func(f *Family, report Report) {
		if p := f.Set.Policy.MetricPrefix; p != "" && !strings.HasPrefix(f.GetName(), p) && !foreign.MatchString(f.GetName()) {
			report.at(f.at(f.Line), f.GetName()+" does not begin with "+p, "rename it")
		}
	},
}

// foreign are metrics that client libraries and Prometheus itself expose.
var foreign = regexp.MustCompile(`^(?:go_|process_|promhttp_|python_|jvm_|nodejs_|ruby_|scrape_|up$)`)
