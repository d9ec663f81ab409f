package validate

import (
	"strings"

	dto "github.com/prometheus/client_model/go"
)

// linted makes a check of what promlint of client_golang says of a metric; about is a part of the message, where it
// says several things.
func linted(lint func(*dto.MetricFamily) []error, about, mend string) func(*Family, Report) {
	return func(f *Family, report Report) {
		for _, err := range lint(f.MetricFamily) {
			if text := err.Error(); strings.Contains(text, about) {
				report.at(f.at(f.Line), f.GetName()+": "+text, mend)
			}
		}
	}
}
