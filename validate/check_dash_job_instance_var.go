package validate

import (
	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/diag"
)

var dashJobInstanceVar = &Check{
	ID: "dash/job-instance-var", Severity: diag.Info, Title: "A dashboard of all jobs and instances",
	Why:       "Without a variable for the job and for the instance nobody can look at one of them.",
	Source:    "https://github.com/grafana/dashboard-linter/blob/main/docs/index.md",
	OnRequest: true,
	Example: Example{WholeBoard, `{"title": "A", "uid": "a", "panels": [{"title": "P", "type": "stat", "targets": [{"expr": "up"}]}]}`,
		`{"title": "A", "uid": "a", "panels": [{"title": "P", "type": "stat", "targets": [{"expr": "up{job=~\"$job\",instance=~\"$instance\"}"}]}], "templating": {"list": [{"name": "job", "type": "query", "query": "label_values(up, job)", "refresh": 2}, {"name": "instance", "type": "query", "query": "label_values(up, instance)", "refresh": 2}]}}`},
	Dashboard: func(d *Dashboard, report Report) {
		for _, name := range []string{catalog.Job.Name, catalog.Instance.Name} {
			if d.Variable(name) == nil {
				report.at(d.At().At(), "the dashboard has no variable "+name, "add one with label_values(…, "+name+")")
			}
		}
	},
}
