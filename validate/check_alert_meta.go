package validate

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/source"
)

var alertMeta = &Check{
	ID: "alert/meta", Severity: diag.Warning, Title: "An alert without what the project requires",
	Why:     "Who is woken up needs to know what is wrong, how bad it is and where to read on. The project has listed the labels and annotations that say so.",
	Source:  practices + "alerting/",
	Example: Example{Alert, "alert: A\nexpr: up == 0\nfor: 5m", "alert: A\nexpr: up == 0\nfor: 5m\nannotations:\n  runbook_url: https://example.org/a"},
	Rule: func(r *Rule, report Report) {
		if !r.IsAlert() {
			return
		}
		check := func(what string, want map[string]*regexp.Regexp, get func(string) (source.Text, bool)) {
			for _, name := range slices.Sorted(maps.Keys(want)) {
				v, ok := get(name)
				switch {
				case !ok:
					report.at(r.At().At(), fmt.Sprintf("the alert has no %s %s", what, name), "add it")
				case !want[name].MatchString(v.Value) && !strings.Contains(v.Value, "{{"):
					report.because(v.At(), fmt.Sprintf("the %s %s is %q", what, name, v.Value), "the project wants "+strings.TrimSuffix(strings.TrimPrefix(want[name].String(), "^(?:"), ")$"), "write it so")
				}
			}
		}
		check("annotation", r.Set.Policy.Annotations, r.Annotation)
		check("label", r.Set.Policy.Labels, r.Label)
	},
}
