package validate_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/obsgen/obsgen/validate"
)

// TestPublicIssues has faults that others reported in public, and false alarms of other linters, in words of our own.
func TestPublicIssues(t *testing.T) {
	alert := func(expr, more string) string {
		return "alert: A\nexpr: '" + strings.ReplaceAll(expr, "'", "''") + "'\nfor: 5m" + more
	}
	summary := func(s string) string { return "\nannotations:\n  summary: '" + s + "'" }
	for _, c := range []struct {
		issue string
		of    validate.Kind
		text  string
		want  string // the check that finds it; "" for nothing to find
	}{
		// Faults.
		{"Yuzu#2522: one counter hides the other", validate.Alert, "alert: A\nexpr: (increase(app_errors_total[5m]) or increase(app_retries_total[5m])) > 3\nfor: 5m", "match/or-hides"},
		{"Yuzu#2522: two conditions", validate.Alert, "alert: A\nexpr: increase(app_errors_total[5m]) > 3 or increase(app_retries_total[5m]) > 3\nfor: 5m", ""},
		{"open-bank-oss#4396: a counter that is born late", validate.Alert, "alert: A\nexpr: increase(app_errors_total[5m]) > 0\nfor: 1m", "alert/born-at-one"},
		{"redpanda#1789: a threshold between two buckets", validate.Alert, "alert: A\nexpr: histogram_quantile(0.99, sum by (le) (rate(app_duration_seconds_bucket[5m]))) > 3\nfor: 5m", "hist/off-boundary"},
		{"pyrra#448: errors that are no part of the total", validate.PromQL, `sum(rate(app_requests_total{code="500"}[5m])) / sum(rate(app_requests_total{method="GET"}[5m]))`, "range/not-a-part"},
		{"sloth#133: no traffic makes the month NaN", validate.PromQL, `avg_over_time((sum(rate(app_requests_total{code="500"}[5m])) / sum(rate(app_requests_total[5m])))[30d:5m])`, "range/nan-over-time"},
		{"helm-charts#5508: Helm reads the placeholder", validate.RuleFile, "groups:\n  - name: {{ .Values.name }}\n    rules:\n      - alert: A\n        expr: up == 0\n        annotations:\n          summary: '{{ $value }} of {{ $labels.job }}'\n", "syntax/helm-template"},
		{"helm-charts#5508: Helm prints the placeholder", validate.RuleFile, "groups:\n  - name: {{ .Values.name }}\n    rules:\n      - alert: A\n        expr: up == 0\n        annotations:\n          summary: '{{`{{ $value }}`}} of {{ \"{{\" }} $labels.job {{ \"}}\" }}'\n", ""},
		{"kube-prometheus#709: a ConfigMap that is too large", validate.RuleFile, "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: boards\ndata:\n  a.json: '{\"title\": \"A\", \"panels\": [], \"description\": \"" + strings.Repeat("x", 300<<10) + "\"}'\n", "dash/size"},
		{"rules in a ConfigMap", validate.RuleFile, "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: rules\ndata:\n  a.yaml: |\n    groups:\n      - name: g\n        rules:\n          - alert: A\n            expr: count(up == 1) == 0\n            for: 5m\n", "range/never"},
		{"OpenRisk#621: and between different labels", validate.Alert, alert(`sum by (method) (app_requests_total) > 1 and sum by (code) (app_requests_total) > 1`, ""), "match/never"},
		{"prometheus#19444: instance and group level", validate.Alert, alert(`sum by (job) (app_queue_length) > 1 and app_memory_bytes > 1`, ""), "match/never"},
		{"alertmanager#3599: a label on one side of a share", validate.PromQL, `rate(app_errors_total[5m]) / rate(app_requests_total[5m])`, "match/never"},
		{"catalyst#3695: a value that does not exist", validate.Alert, alert(`app_requests_total{method="DELETE"} > 1`, ""), "label/value-unknown"},
		{"sapcc#12343: above the last bucket", validate.Alert, alert(`histogram_quantile(0.99, sum by (le) (rate(app_duration_seconds_bucket[5m]))) > 10`, ""), "range/never"},
		{"loki#22155: seconds shown as milliseconds", validate.PanelOf, `{"title": "P", "type": "timeseries", "fieldConfig": {"defaults": {"unit": "ms"}}, "targets": [{"expr": "app_uptime_seconds"}]}`, "unit/panel"},
		{"mimir#8839: a window that is too short", validate.PromQL, `rate(app_requests_total[20s])`, "window/too-short"},
		{"o11y#248: absent loses labels", validate.Alert, alert(`absent(sum by (job) (app_queue_length))`, summary("{{ $labels.job }}")), "template/label"},
		{"prometheus#4836: the value in a label", validate.Alert, alert(`app_queue_length > 1`, "\nlabels:\n  v: '{{ $value }}'"), "template/value-in-label"},
		{"slo-libsonnet#43: a share above 14.4", validate.Alert, alert(`sum(rate(app_errors_total[5m])) / sum(rate(app_requests_total[5m])) > 14.4`, ""), "range/never"},
		{"grafana#43116: each divided by itself", validate.PromQL, `rate(app_requests_total{code=~"5.."}[5m]) / rate(app_requests_total[5m])`, "range/ratio-always-one"},
		{"KubeletDown: labels of an absent comparison", validate.Alert, alert(`absent(up{job="kubelet"} == 1)`, summary("{{ $labels.job }}")), "template/label"},
		{"kubermatic#6152: absent by a label that is not there", validate.Alert, alert(`absent(app_queue_length{role="api"})`, ""), "label/not-in-metric"},
		{"thanos#8432: group for rule_group", validate.PromQL, `sum by (group) (app_requests_total)`, "label/not-in-metric"},
		{"kube-prometheus#2573: le of Prometheus 2", validate.PromQL, `sum(rate(app_duration_seconds_bucket{le="1"}[5m]))`, "label/value-unknown"},
		{"authentik#491: a doubled suffix", validate.PromQL, `rate(app_requests_total_total[5m])`, "name/unknown-metric"},
		{"opentelemetry#1842: a suffix forgotten", validate.PromQL, `rate(app_requests[5m])`, "name/unknown-metric"},
		{"VictoriaMetrics#6439: a label that is summed away", validate.Alert, alert(`sum without (method) (rate(app_errors_total[5m])) > 1`, summary("{{ $labels.method }}")), "template/label"},
		{"ARO-HCP#6455: a maximum of buckets", validate.PromQL, `histogram_quantile(0.99, max without (instance) (rate(app_duration_seconds_bucket[5m])))`, "agg/nonlinear-buckets"},
		{"node_exporter#1482: a ratio with a percent sign", validate.Alert, alert(`app_fill_ratio > 0.9`, summary("{{ $value }}% full")), "template/unit-format"},
		{"synthetic-monitoring#312: a ratio as percent", validate.PanelOf, `{"title": "P", "type": "stat", "fieldConfig": {"defaults": {"unit": "percent"}}, "targets": [{"expr": "app_fill_ratio"}]}`, "unit/panel"},
		{"mimir#3155: thresholds of percent on a ratio", validate.PanelOf, `{"title": "P", "type": "stat", "fieldConfig": {"defaults": {"unit": "percentunit", "thresholds": {"steps": [{"value": null}, {"value": 5}]}}}, "targets": [{"expr": "app_fill_ratio"}]}`, "unit/panel-threshold"},
		{"mimir#15196: a number printed as a share", validate.Alert, alert(`app_memory_bytes > 1e9`, summary("{{ $value | humanizePercentage }}")), "template/unit-format"},
		{"kubernetes-mixin#964: several without group_left", validate.PromQL, `app_duration_seconds_bucket / on (job, instance) app_queue_length`, "match/needs-group"},
		{"awesome-alerts: a count of none", validate.Alert, alert(`count by (job) (up) == 0`, summary("{{ $labels.job }}")), "range/never"},
		{"prometheus#4735: a count below one", validate.Alert, alert(`count(up == 1) < 1`, ""), "agg/count-of-filter"},
		{"prometheus#7042: an unknown field", validate.RuleFile, "groups:\n  - name: g\n    rules:\n      - record: a:b:c\n        expr: up\n        labls: {a: b}\n", "syntax/rule"},
		{"prometheus-operator#3147: a manifest with a wrong rule", validate.RuleFile, "kind: PrometheusRule\nspec:\n  groups:\n    - name: g\n      rules:\n        - record: a:b:c\n          expr: sum(\n", "syntax/promql"},
		{"pint#655: a counter without rate", validate.Alert, alert(`app_errors_total > 100`, ""), "type/raw-counter"},
		{"dashboard-linter#57: a recorded series that nobody records", validate.RuleFile, "groups:\n  - name: g\n    rules:\n      - record: job:up:sum\n        expr: sum by (job) (up)\n      - record: job:x:max\n        expr: max by (job) (job:up:min)\n", "name/missing-rule"},
		{"dashboard-linter#197: an annotation's query", validate.WholeBoard, `{"title": "B", "uid": "b", "panels": [], "annotations": {"list": [{"name": "a", "expr": "app_reqests_total"}]}}`, "name/unknown-metric"},
		{"gcx#604: a panel in a collapsed row", validate.WholeBoard, `{"title": "B", "uid": "b", "panels": [{"type": "row", "collapsed": true, "panels": [{"title": "P", "type": "stat", "targets": [{"expr": "app_reqests_total"}]}]}]}`, "name/unknown-metric"},

		// False alarms of others.
		{"pint#681: a scalar keeps the labels of the other side", validate.Alert, alert(`app_limit_bytes > scalar(avg(app_memory_bytes))`, summary("{{ $labels.instance }}")), ""},
		{"pint#568: a label that label_replace makes", validate.Alert, alert(`label_replace(app_queue_length, "host", "$1", "instance", "(.*):.*") > 5`, summary("{{ $labels.host }}")), ""},
		{"pint#1631: a label that is copied and renamed", validate.PromQL, `sum by (verb) (label_replace(rate(app_requests_total[5m]), "verb", "$1", "method", "(.*)"))`, ""},
		{"pint#330: two absences", validate.Alert, alert(`absent(up{job="a"}) or absent(up{job="b"})`, summary("{{ $labels.job }}")), ""},
		{"pint#531: a label in one branch", validate.Alert, alert(`rate(app_requests_total{code="500"}[5m]) > 5 or absent(app_requests_total{code="500"})`, summary("{{ $labels.method }}")), ""},
		{"pint#326: an alert of these rules", validate.RuleFile, "groups:\n  - name: g\n    rules:\n      - {alert: X, expr: up == 0, for: 5m}\n      - {alert: Y, expr: 'ALERTS{alertname=\"X\"} == 1', for: 5m}\n", ""},
		{"pint#1466: an explicit for of zero", validate.Alert, "alert: A\nexpr: absent(up{job=\"a\"})\nfor: 0s", ""},
		{"prometheus#7301: one name, other selectors", validate.RuleFile, "groups:\n  - name: g\n    rules:\n      - {alert: X, expr: 'up{job=\"a\"} == 0', for: 5m}\n      - {alert: X, expr: 'up{job=\"b\"} == 0', for: 5m}\n", ""},
		{"prometheus#6109: two severities", validate.RuleFile, "groups:\n  - name: g\n    rules:\n      - {alert: X, expr: app_queue_length > 5, for: 5m, labels: {severity: a}}\n      - {alert: X, expr: app_queue_length > 9, for: 5m, labels: {severity: b}}\n", ""},
		{"prometheus#12945: a rate of a native histogram", validate.PromQL, `histogram_count(sum(rate(app_size_bytes[5m])))`, ""},
		{"dashboard-linter#61: another language", validate.PanelOf, `{"title": "P", "type": "logs", "datasource": {"type": "loki", "uid": "x"}, "targets": [{"expr": "{app=\"x\"} |= \"error\""}]}`, ""},
		{"dashboard-linter#187: mixed data sources", validate.PanelOf, `{"title": "P", "type": "timeseries", "datasource": {"uid": "-- Mixed --"}, "targets": [{"datasource": {"type": "loki", "uid": "l"}, "expr": "{a=\"b\"}"}, {"datasource": {"type": "prometheus", "uid": "p"}, "expr": "up"}]}`, ""},
		{"dashboard-linter#59: another panel's data", validate.PanelOf, `{"id": 2, "title": "P", "type": "stat", "datasource": {"type": "datasource", "uid": "-- Dashboard --"}, "targets": [{"panelId": 2}]}`, ""},
		{"dashboard-linter#146: fields that are null", validate.WholeBoard, `{"title": "B", "uid": "b", "panels": [{"title": null, "type": null, "targets": null, "fieldConfig": null, "datasource": null}], "templating": null, "annotations": {"list": null}}`, ""},
		{"mixtool#57: or and absent as conditions", validate.Alert, alert(`up == 0 or absent(up{job="a"})`, ""), ""},
	} {
		name, text := file(c.of, c.text)
		var found []string
		for _, f := range lint([2]string{name, text}) {
			found = append(found, f.ID+" "+f.Message)
		}
		ok := c.want == "" && len(found) == 0 || c.want != "" && slices.ContainsFunc(found, func(s string) bool { return strings.HasPrefix(s, c.want+" ") })
		if !ok {
			t.Errorf("%s: found %q, want %q\n%s", c.issue, found, c.want, text)
		}
	}
}
