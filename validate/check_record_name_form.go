package validate

import (
	"strings"

	"github.com/obsgen/obsgen/diag"
)

var recordNameForm = &Check{
	ID: "record/name-form", Severity: diag.Info, Title: "A recorded series that looks like a scraped one",
	Why:     "Names of recorded series have colons, level:metric:operations, so that everybody sees that a rule makes them and which labels are left.",
	Source:  practices + "rules/#naming",
	Example: Example{RuleFile, "groups:\n  - name: g\n    rules:\n      - record: app_errors_5m\n        expr: sum by (job) (rate(app_errors_total[5m]))\n", "groups:\n  - name: g\n    rules:\n      - record: job:app_errors:rate5m\n        expr: sum by (job) (rate(app_errors_total[5m]))\n"},
	Rule: func(r *Rule, report Report) {
		if n := r.Record.Value; n != "" && !strings.Contains(n, ":") {
			report.at(r.Record.At(), "the name "+n+" does not show that a rule records it", "call it level:metric:operations")
		}
	},
}
