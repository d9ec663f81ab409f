package validate

import (
	"slices"
	"strings"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/infer"
)

var recordLevel = &Check{
	ID: "record/level", Severity: diag.Warning, Title: "A name with another level than the result's labels",
	Why:     "The first part of a recorded name lists the labels that are left. A label that is not among them, or one that is gone, misleads whoever sums the series.",
	Source:  practices + "rules/#naming",
	Example: Example{RuleFile, "groups:\n  - name: g\n    rules:\n      - record: job_instance:app_requests:rate5m\n        expr: sum by (job) (rate(app_requests_total[5m]))\n", "groups:\n  - name: g\n    rules:\n      - record: job:app_requests:rate5m\n        expr: sum by (job) (rate(app_requests_total[5m]))\n"},
	Rule: func(r *Rule, report Report) {
		q := r.query()
		parts := strings.Split(r.Record.Value, ":")
		if q == nil || r.Record.IsZero() || len(parts) != 3 {
			return
		}
		t := q.Root()
		if !t.Labels.Closed() || q.Table.Of(q.Expr).Empty == infer.Must {
			return
		}
		for _, l := range []string{"instance", "pod", "namespace", "job", "node", "method", "code", "path"} {
			says := slices.Contains(strings.Split(parts[0], "_"), l)
			if _, own := r.Label(l); says && !t.Labels.Has(l) && !own {
				report.because(r.Record.At(), "the name says "+l+", and the result has no such label", "by "+short(q.Expr), "name the labels that are left")
				return
			}
		}
		if t.Labels.Certain("instance") && slices.Contains([]string{"job", "cluster", "namespace", "service", "all"}, parts[0]) {
			report.because(r.Record.At(), "the name says "+parts[0]+", and the result still has instance", "by "+short(q.Expr), "aggregate it away, or name it")
		}
	},
}
