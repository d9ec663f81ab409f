package validate

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/source"
)

var alertUrl = &Check{
	ID: "alert/url", Severity: diag.Warning, Title: "A link that is none",
	Why:     "Whoever is woken up clicks it.",
	Source:  "https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/",
	Example: Example{Alert, "alert: A\nexpr: up == 0\nfor: 5m\nannotations:\n  runbook_url: htps//example.org/a", "alert: A\nexpr: up == 0\nfor: 5m\nannotations:\n  runbook_url: https://example.org/a"},
	Rule: func(r *Rule, report Report) {
		for _, p := range r.Annotations {
			if !strings.HasSuffix(p.Key.Value, "_url") && p.Key.Value != "runbook" && p.Key.Value != "url" || strings.Contains(p.Value.Value, "{{") || strings.Contains(p.Value.Value, "${") || source.Templated(p.Value.Value) != "" {
				continue
			}
			v := strings.TrimSpace(p.Value.Value)
			address, _, _ := strings.Cut(v, "#") // browsers take any fragment
			u, err := url.Parse(address)
			if p.Key.Value == "runbook" && !strings.Contains(v, "://") || strings.HasPrefix(v, "/") && p.Key.Value != "runbook_url" {
				continue // text that tells what to do, or a path that Grafana completes
			}
			if err != nil || v == "" || u.Scheme == "" || u.Host == "" && u.Scheme != "mailto" {
				report.at(p.Value.At(), fmt.Sprintf("%s: %q is no address", p.Key.Value, v), "write one that begins with https://")
			}
		}
	},
}
