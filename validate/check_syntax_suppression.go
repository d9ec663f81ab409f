package validate

import (
	"github.com/obsgen/obsgen/diag"
)

var syntaxSuppression = &Check{
	ID: "syntax/suppression", Severity: diag.Warning, Title: "A suppression that suppresses nothing",
	Why:     "A comment that excuses a finding outlives it, and then hides the next one. One without a reason tells nobody whether it still holds.",
	Source:  "https://github.com/obsgen/obsgen/blob/main/README.md",
	Example: Example{RuleFile, "groups:\n  - name: g\n    rules:\n      # obsgen:ignore hist/no-le the exporter has no buckets\n      - record: job:up:sum\n        expr: sum by (job) (up)\n", "groups:\n  - name: g\n    rules:\n      - record: job:up:sum\n        expr: sum by (job) (up)\n"},
}
