package validate

import (
	"fmt"

	"github.com/prometheus/common/model"

	"github.com/obsgen/obsgen/diag"
)

var metricSanitiseCollision = &Check{
	ID: "metric/sanitise-collision", Severity: diag.Error, Title: "Two names that become one",
	Why:     "Where the names are escaped for an older Prometheus both become the same, and their series overwrite each other.",
	Source:  "https://prometheus.io/docs/instrumenting/escaping_schemes/",
	Example: Example{Exposed, "# HELP app_a A.\n# TYPE app_a gauge\napp_a 1\n# HELP \"app.a\" A.\n# TYPE \"app.a\" gauge\n{\"app.a\"} 1\n", "# HELP app_a A.\n# TYPE app_a gauge\napp_a 1\n"},
	Set: func(s *Set, report Report) {
		seen := map[string]*Family{}
		for _, f := range s.Families {
			escaped := model.EscapeName(f.GetName(), model.UnderscoreEscaping)
			key := f.File.Path + "\x00" + escaped
			if first := seen[key]; first != nil && first.GetName() != f.GetName() {
				report(diag.Finding{At: f.at(f.Line), Subject: f.GetName(), Message: fmt.Sprintf("%s and %s are both escaped to %s", first.GetName(), f.GetName(), escaped), Mend: "rename one of them",
					Related: []diag.Related{{At: first.at(first.Line), Message: "the other one"}}})
				continue
			}
			seen[key] = f
		}
	},
}
