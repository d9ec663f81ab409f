package validate

import (
	"strings"

	"github.com/obsgen/obsgen/diag"
)

var recordColonDouble = &Check{
	ID: "record/colon-double", Severity: diag.Info, Title: "An empty part in a recorded name",
	Why:     "level:metric:operations has three parts. An empty one says nothing where a label or an operation should stand.",
	Source:  practices + "rules/#naming",
	Example: Example{RuleFile, "groups:\n  - name: g\n    rules:\n      - record: job::up:sum\n        expr: sum by (job) (up)\n", "groups:\n  - name: g\n    rules:\n      - record: job:up:sum\n        expr: sum by (job) (up)\n"},
	Rule: func(r *Rule, report Report) {
		if n := r.Record.Value; strings.Contains(n, "::") && !strings.HasPrefix(n, ":") || strings.HasSuffix(n, ":") {
			report.at(r.Record.At(), "the name "+n+" has an empty part", "use level:metric:operations")
		}
	},
}
