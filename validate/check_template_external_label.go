package validate

import (
	"regexp"
	"slices"
	"strings"

	"github.com/obsgen/obsgen/diag"
)

var templateExternalLabel = &Check{
	ID: "template/external-label", Severity: diag.Warning, Title: "An external label that the server does not have",
	Why:     "The text prints nothing where the label should be.",
	Source:  "https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/#templating",
	Example: Example{Alert, "alert: A\nexpr: up == 0\nfor: 5m\nannotations:\n  summary: '{{ $externalLabels.region }}'", "alert: A\nexpr: up == 0\nfor: 5m\nannotations:\n  summary: '{{ $externalLabels.cluster }}'"},
	Rule: func(r *Rule, report Report) {
		known := r.Set.Server.ExternalLabels
		if known == nil {
			return
		}
		for _, p := range slices.Concat(r.Annotations, r.Labels) {
			for _, m := range externalLabel.FindAllStringSubmatchIndex(p.Value.Value, -1) {
				if name := p.Value.Value[m[2]:m[3]]; !slices.Contains(known, name) {
					report.because(p.Value.Position(m[2], m[3]), "the server has no external label "+name, "it has "+strings.Join(known, ", "), "name one of them")
				}
			}
		}
	},
}

var externalLabel = regexp.MustCompile(`(?:\$externalLabels|\.ExternalLabels)\.([a-zA-Z_]\w*)`)
