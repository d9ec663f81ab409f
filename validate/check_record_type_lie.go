package validate

import (
	"strings"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/infer"
)

var recordTypeLie = &Check{
	ID: "record/type-lie", Severity: diag.Error, Title: "A name of a counter for what is none",
	Why:     "A name that ends in _total is taken for a counter by people and by tools, which take its rate.",
	Source:  practices + "naming/",
	Example: Example{RuleFile, "groups:\n  - name: g\n    rules:\n      - record: app_waiting_total\n        expr: app_queue_length\n", "groups:\n  - name: g\n    rules:\n      - record: job:app_queue_length:sum\n        expr: sum by (job) (app_queue_length)\n"},
	Rule: func(r *Rule, report Report) {
		q := r.query()
		if q == nil || r.Record.IsZero() || !strings.HasSuffix(r.Record.Value, "_total") {
			return
		}
		switch t := q.Root(); t.Kind {
		case infer.Gauge, infer.Ratio, infer.Quantile, infer.Delta:
			report.because(r.Record.At(), "the name says that the series counts up, and it is a "+t.Kind.String(), "by "+short(q.Expr), "drop _total")
		}
	},
}
