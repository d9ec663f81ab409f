package simulate_test

import (
	"strings"
	"testing"

	"github.com/obsgen/obsgen/simulate"
)

// TestMergesAreReadAsPromtoolDoes wants promtool's verdict on merge keys: it refuses one that brings what a map has already.
func TestMergesAreReadAsPromtoolDoes(t *testing.T) {
	file := func(labels string) string {
		return "rule_files: []\ntests:\n- alert_rule_test:\n  - eval_time: 1m\n    alertname: A\n    exp_alerts:\n    - exp_labels: &l {a: b, severity: warning}\n    - exp_labels: " + labels + "\n"
	}
	for labels, want := range map[string]string{
		"{<<: *l, severity: critical}": `t.yaml:8: key "severity" already set in map`,
		"{severity: critical, <<: *l}": "already set in map",
		"{<<: *l, c: d}":               "",
		"*l":                           "",
		"{a: b, a: c}":                 "already set in map",
	} {
		f, err := simulate.Parse("t.yaml", []byte(file(labels)))
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", labels, err)
		case want == "" && f.Groups[0].Alerts[0].Firing[1].Labels["severity"] != "warning":
			t.Errorf("%s: %v", labels, f.Groups[0].Alerts[0].Firing[1])
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v, want %s", labels, err, want)
		}
	}
}
