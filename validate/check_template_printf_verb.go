package validate

import (
	"fmt"

	"github.com/obsgen/obsgen/diag"
)

var templatePrintfVerb = &Check{
	ID: "template/printf-verb", Severity: diag.Error, Title: "A verb that does not fit a value",
	Why:     "A value is a floating-point number: %d and %s print it as an error message.",
	Source:  "https://pkg.go.dev/fmt#hdr-Printing",
	Example: Example{Alert, "alert: A\nexpr: app_queue_length > 10\nfor: 5m\nannotations:\n  summary: '{{ printf \"%d\" $value }} wait'", "alert: A\nexpr: app_queue_length > 10\nfor: 5m\nannotations:\n  summary: '{{ printf \"%.0f\" $value }} wait'"},
	Rule: eachTemplate(func(r *Rule, t *template, report Report) {
		for _, v := range t.values {
			if v.printf != "" && wrongVerb.MatchString(v.printf) {
				report.at(t.at(v.from, v.to), fmt.Sprintf("printf %q of a value prints an error: it is a floating-point number", v.printf), "use %.0f, %.2f or humanize")
			}
		}
	}),
}
