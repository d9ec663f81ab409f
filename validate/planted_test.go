package validate_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/obsgen/obsgen/validate"
)

// TestPlanted has defects on which promtool, pint and dashboard-linter are silent or wrong, and what they wrongly report.
func TestPlanted(t *testing.T) {
	alert := func(expr, more string) string {
		return "alert: A\nexpr: '" + strings.ReplaceAll(expr, "'", "''") + "'\nfor: 5m" + more
	}
	panel := func(expr, more string) string {
		return `{"title": "P", "type": "timeseries", "targets": [{"expr": "` + strings.ReplaceAll(expr, `"`, `\"`) + `"` + more + `}]}`
	}
	summary := func(s string) string { return "\nannotations:\n  summary: '" + s + "'" }
	for _, c := range []struct {
		name string
		of   validate.Kind
		text string
		want string // the check that finds it; "" for nothing to find
	}{
		{"a share above 14.4", validate.Alert, alert(`sum(rate(app_requests_total{code=~"5.."}[5m])) / sum(rate(app_requests_total[5m])) > 14.4`, ""), "range/never"},
		{"a burn rate", validate.Alert, alert(`sum(rate(app_requests_total{code=~"5.."}[5m])) / sum(rate(app_requests_total[5m])) > (14.4 * 0.001)`, ""), ""},
		{"a count of none", validate.Alert, alert(`count(up == 1) == 0`, ""), "range/never"},
		{"an hour beyond the day", validate.Alert, alert(`hour() >= 24`, ""), "range/never"},
		{"a day beyond the week", validate.Alert, alert(`day_of_week() > 6`, ""), "range/never"},
		{"above its clamp", validate.Alert, alert(`clamp_max(app_queue_length, 1) > 2`, ""), "range/never"},
		{"above a bool", validate.Alert, alert(`(app_queue_length > bool 1) > 1`, ""), "range/never"},
		{"a negative rate", validate.Alert, alert(`rate(app_requests_total[5m]) < 0`, ""), "range/never"},
		{"a quantile in percent", validate.PromQL, `quantile(95, app_queue_length)`, "hist/phi"},
		{"bytes less a time", validate.PromQL, `app_memory_bytes - app_start_timestamp_seconds`, "unit/add-mismatch"},
		{"a quantile without buckets", validate.PromQL, `histogram_quantile(0.9, sum(rate(app_duration_seconds_bucket[5m])))`, "hist/no-le"},
		{"always one", validate.PromQL, `rate(app_requests_total{code=~"5.."}[5m]) / rate(app_requests_total[5m])`, "range/ratio-always-one"},
		{"a label of an absent sum", validate.Alert, alert(`absent(sum(app_queue_length{job="a"}))`, summary("{{ $labels.job }}")), "template/label"},
		{"a label of an absent comparison", validate.Alert, alert(`absent(up{job="k"} == 1)`, summary("{{ $labels.job }}")), "template/label"},
		{"a label of an absent selector", validate.Alert, alert(`absent(up{job="k"})`, summary("{{ $labels.job }}")), ""},
		{"matchers that contradict", validate.PromQL, `app_queue_length{job="a",job="b"}`, "label/contradiction"},
		{"jobs that never meet", validate.PromQL, `app_queue_length{job="a"} / app_memory_bytes{job="b"}`, "match/never"},
		{"a scalar of several", validate.PromQL, `app_memory_bytes / scalar(app_requests_total)`, "range/scalar-nan"},
		{"a scalar of one", validate.PromQL, `app_memory_bytes / scalar(sum(app_requests_total))`, ""},
		{"a format of percent", validate.Alert, alert(`app_cpu_percent > 80`, summary("{{ $value | humanizePercentage }}")), "template/unit-format"},
		{"a whole-number verb", validate.Alert, alert(`app_queue_length > 80`, summary(`{{ printf "%d" $value }}`)), "template/printf-verb"},
		{"an hour that is waited for too long", validate.Alert, "alert: A\nexpr: hour() == 3\nfor: 2h", "time/for-too-long"},
		{"an hour that is waited for", validate.Alert, "alert: A\nexpr: hour() == 3\nfor: 30m", ""},
		{"a matcher that makes nothing certain", validate.PromQL, `app_queue_length{job=~"a.*"} unless on () sum(app_memory_bytes)`, ""},
		{"matched by a label that neither has", validate.PromQL, `app_queue_length * on (zone) group_left () sum(app_memory_bytes)`, "match/on-absent-label"},
		{"a raw counter with matchers", validate.PanelOf, panel(`app_requests_total{job=~"$job",instance=~"$instance"}`, ""), "type/raw-counter"},
		{"a rate with matchers", validate.PanelOf, panel(`rate(app_requests_total{job=~"$job"}[$__rate_interval])`, ""), "dash/var-undefined"},
		{"seconds as bytes", validate.PanelOf, `{"title": "P", "type": "stat", "fieldConfig": {"defaults": {"unit": "bytes"}}, "targets": [{"expr": "app_uptime_seconds"}]}`, "unit/panel"},
		{"a legend without its label", validate.PanelOf, panel(`sum(app_queue_length)`, `, "legendFormat": "{{instance}}"`), "label/legend"},
		{"an experimental function", validate.PanelOf, panel(`limitk(5, up)`, ""), ""},
		{"a unit of one's own", validate.PanelOf, `{"title": "P", "type": "stat", "fieldConfig": {"defaults": {"unit": "suffix:req"}}, "targets": [{"expr": "app_queue_length"}]}`, ""},
		{"a unit in other letters on bars", validate.PanelOf, `{"title": "P", "type": "bargauge", "fieldConfig": {"defaults": {"unit": "PercentUnit"}}, "targets": [{"expr": "app_queue_length"}]}`, "dash/unit-valid"},
		{"variables as label and number", validate.WholeBoard, `{"title": "B", "uid": "b", "panels": [` + panel(`sum by ($grp) (up) > $thr`, "") + `], "templating": {"list": [{"name": "grp", "type": "custom"}, {"name": "thr", "type": "custom"}]}}`, ""},

		{"an error budget of averages of recorded rates", validate.RuleFile, "groups:\n  - name: g\n    interval: 1m\n    rules:\n      - {record: 'job:app_failures:rate5m', expr: 'sum by (job) (rate(app_requests_total{code=~\"5..\"}[5m]))'}\n      - {record: 'job:app_requests:rate5m', expr: 'sum by (job) (rate(app_requests_total[5m]))'}\n      - {alert: A, for: 5m, expr: '(avg_over_time(job:app_failures:rate5m[30d:5m]) or avg_over_time(job:app_requests:rate5m[30d:5m]) * 0) / (avg_over_time(job:app_requests:rate5m[30d:5m]) > 0) > 0.001'}\n", "window/absent-average"},
		{"averages that are filled before they are taken", validate.PromQL, `avg_over_time((sum by (job) (rate(app_requests_total{code=~"5.."}[5m])) or sum by (job) (rate(app_requests_total[5m])) * 0)[30d:5m]) / avg_over_time(sum by (job) (rate(app_requests_total[5m]))[30d:5m])`, ""},
		{"averages of one instance and of all", validate.PromQL, `avg_over_time(sum(rate(app_requests_total{instance="a"}[5m]))[1d:5m]) / avg_over_time(sum(rate(app_requests_total[5m]))[1d:5m])`, ""},
		{"sums over the window", validate.PromQL, `sum_over_time(sum(rate(app_requests_total{code=~"5.."}[5m]))[1d:5m]) / sum_over_time(sum(rate(app_requests_total[5m]))[1d:5m])`, ""},

		// Facts of CHECKS' second part that the inference decides.
		{"above the top bucket", validate.Alert, alert(`histogram_quantile(0.9, sum by (le) (rate(app_duration_seconds_bucket[5m]))) > 5`, ""), "range/never"},
		{"the top bucket's half", validate.Alert, alert(`histogram_quantile(0.9, sum by (le) (rate(app_duration_seconds_bucket[5m]))) > 2`, ""), "hist/off-boundary"},
		{"a bucket's bound", validate.Alert, alert(`histogram_quantile(0.9, sum by (le) (rate(app_duration_seconds_bucket[5m]))) > 1`, ""), ""},
		{"between the flag's values", validate.Alert, alert(`up == 0.5`, ""), "range/never"},
		{"and of others' labels", validate.Alert, alert(`sum by (job) (app_queue_length) > 1 and app_memory_bytes > 0`, ""), "match/never"},
		{"an interval within", validate.Alert, alert(`app_queue_length > 3 < 5`, ""), ""},
		{"an empty interval", validate.Alert, alert(`app_queue_length > 5 < 3`, ""), "range/never"},
		{"a bucket that is none", validate.PromQL, `app_duration_seconds_bucket{le="0.7"}`, "label/value-unknown"},
		{"a bucket as Prometheus 2 wrote it", validate.PromQL, `app_duration_seconds_bucket{le="1"}`, "label/value-unknown"},
		{"a bucket in both spellings", validate.PromQL, `app_duration_seconds_bucket{le=~"1(\\.0)?"}`, ""},
		{"a ratio to the identical", validate.PromQL, `time() - app_start_timestamp_seconds`, ""},
	} {
		name, text := file(c.of, c.text)
		var found []string
		for _, f := range lint([2]string{name, text}) {
			found = append(found, f.ID)
		}
		if c.want == "" && len(found) > 0 || c.want != "" && !slices.Contains(found, c.want) {
			t.Errorf("%s: found %v, want %q\n%s", c.name, found, c.want, text)
		}
	}
}
