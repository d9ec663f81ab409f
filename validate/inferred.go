package validate

import "github.com/obsgen/obsgen/diag"

const (
	promDocs  = "https://prometheus.io/docs/prometheus/latest/querying/"
	practices = "https://prometheus.io/docs/practices/"
	grafana   = "https://grafana.com/docs/grafana/latest/"
	workbook  = "https://sre.google/workbook/alerting-on-slos/"
)

// inferred are the checks whose faults the inference meets: it reports them under these IDs.
var inferred = []*Check{
	{
		ID: "name/unknown-metric", Severity: diag.Error, Title: "A metric that does not exist",
		Why:     "The query names a metric that the catalog, which owns all names with its prefix, does not have. It returns nothing, for ever and without an error.",
		Source:  promDocs + "basics/#instant-vector-selectors",
		Example: Example{PromQL, `sum(rate(app_request_total[5m]))`, `sum(rate(app_requests_total[5m]))`},
	},
	{
		ID: "label/not-in-metric", Severity: diag.Error, Title: "A label that the series do not have",
		Why:     "A matcher on a label that a series lacks selects nothing, and a grouping by it puts everything into one group.",
		Source:  promDocs + "operators/#aggregation-operators",
		Example: Example{PromQL, `sum by (status) (rate(app_requests_total[5m]))`, `sum by (code) (rate(app_requests_total[5m]))`},
	},
	{
		ID: "label/value-unknown", Severity: diag.Error, Title: "A label value that never occurs",
		Why:     "The label has a closed set of values, and none of them passes the matcher.",
		Source:  promDocs + "basics/#instant-vector-selectors",
		Example: Example{PromQL, `app_requests_total{method="FETCH"}`, `app_requests_total{method="GET"}`},
	},
	{
		ID: "label/contradiction", Severity: diag.Error, Title: "Matchers that exclude each other",
		Why:     "No value of the label passes all matchers, so the selector is empty.",
		Source:  promDocs + "basics/#instant-vector-selectors",
		Example: Example{PromQL, `app_requests_total{method="GET", method="POST"}`, `app_requests_total{method=~"GET|POST"}`},
	},
	{
		ID: "match/never", Severity: diag.Error, Title: "Two sides that never join",
		Why:     "The series of both sides differ in a label by which they are matched, so that no pair is ever found and the result is empty.",
		Source:  promDocs + "operators/#vector-matching",
		Example: Example{PromQL, `rate(app_errors_total[5m]) / rate(app_requests_total[5m])`, `sum by (method) (rate(app_errors_total[5m])) / sum by (method) (rate(app_requests_total[5m]))`},
	},
	{
		ID: "match/many-to-many", Severity: diag.Error, Title: "Several series on both sides of a match",
		Why:     "Both sides have a label outside of the matching that takes several values. Prometheus refuses the query while it does.",
		Source:  promDocs + "operators/#many-to-one-and-one-to-many-vector-matches",
		Example: Example{PromQL, `app_duration_seconds_bucket / on (job, instance) app_duration_seconds_bucket`, `sum by (job, instance) (app_duration_seconds_count) / on (job, instance) app_queue_length`},
	},
	{
		ID: "match/needs-group", Severity: diag.Error, Title: "Several series on one side without group_left or group_right",
		Why:     "One side has several series for each of the other, which is an error unless the many side is named.",
		Source:  promDocs + "operators/#many-to-one-and-one-to-many-vector-matches",
		Example: Example{PromQL, `app_duration_seconds_bucket / on (job, instance) app_queue_length`, `app_duration_seconds_bucket / on (job, instance) group_left () app_queue_length`},
	},
	{
		ID: "match/group-label-absent", Severity: diag.Error, Title: "A label to copy that the one side lacks",
		Why:     "group_left copies the label from the other side. Where that has none, the label is deleted from the result.",
		Source:  promDocs + "operators/#many-to-one-and-one-to-many-vector-matches",
		Example: Example{PromQL, `app_requests_total * on (job, instance) group_left (version) app_queue_length`, `app_requests_total * on (job, instance) group_left () app_queue_length`},
	},
	{
		ID: "type/rate-on-gauge", Severity: diag.Error, Title: "A rate of a gauge",
		Why:     "rate, irate and increase take every fall of a value for a restart of a counter and add it up: of a gauge they give nonsense.",
		Source:  promDocs + "functions/#rate",
		Example: Example{PromQL, `rate(app_queue_length[5m])`, `deriv(app_queue_length[5m])`},
	},
	{
		ID: "type/delta-on-counter", Severity: diag.Error, Title: "A function of gauges on a counter",
		Why:     "delta and deriv know nothing of restarts: after one the result is hugely negative.",
		Source:  promDocs + "functions/#delta",
		Example: Example{PromQL, `delta(app_requests_total[5m])`, `increase(app_requests_total[5m])`},
	},
	{
		ID: "type/rate-of-aggregate", Severity: diag.Error, Title: "A rate of a sum of counters",
		Why:     "When one of the counters restarts the sum falls, and rate takes the whole rest of the sum for growth. Take rates first and sum them.",
		Source:  "https://www.robustperception.io/rate-then-sum-never-sum-then-rate/",
		Example: Example{PromQL, `rate(sum(app_requests_total)[5m:1m])`, `sum(rate(app_requests_total[5m]))`},
	},
	{
		ID: "hist/no-le", Severity: diag.Error, Title: "A quantile of series without buckets",
		Why:     "histogram_quantile reads the buckets by their label le. Where an aggregation drops it the result is empty.",
		Source:  practices + "histograms/",
		Example: Example{PromQL, `histogram_quantile(0.9, sum(rate(app_duration_seconds_bucket[5m])))`, `histogram_quantile(0.9, sum by (le) (rate(app_duration_seconds_bucket[5m])))`},
	},
	{
		ID: "hist/kind", Severity: diag.Error, Title: "The wrong form of histogram",
		Why:     "The function reads classic buckets or native histograms, and the series are of the other form; or the series of the other form are selected.",
		Source:  practices + "histograms/",
		Example: Example{PromQL, `histogram_avg(rate(app_duration_seconds_bucket[5m]))`, `histogram_avg(rate(app_size_bytes[5m]))`},
	},
	{
		ID: "hist/compare-native", Severity: diag.Error, Title: "Arithmetic that native histograms do not have",
		Why:     "The result of the operator on a native histogram is nothing, not an error.",
		Source:  promDocs + "operators/#arithmetic-binary-operators",
		Example: Example{PromQL, `rate(app_size_bytes[5m]) > 1`, `histogram_count(rate(app_size_bytes[5m])) > 1`},
	},
	{
		ID: "hist/agg-native", Severity: diag.Error, Title: "A function that leaves native histograms out",
		Why:     "The aggregation or function takes numbers and ignores histograms, so that nothing is left.",
		Source:  promDocs + "operators/#aggregation-operators",
		Example: Example{PromQL, `max(rate(app_size_bytes[5m]))`, `sum(rate(app_size_bytes[5m]))`},
	},
	{
		ID: "range/never", Severity: diag.Error, Title: "A comparison that is never true",
		Why:     "No value that the left side can take passes. An alert on it never fires, a panel stays empty.",
		Source:  workbook,
		Example: Example{Alert, "alert: A\nexpr: count(up == 1) == 0\nfor: 5m", "alert: A\nexpr: sum(up) == 0\nfor: 5m"},
	},
	{
		ID: "range/always", Severity: diag.Warning, Title: "A comparison that is always true",
		Why:     "Every value that the left side can take passes: an alert on it fires as long as there is any series.",
		Source:  practices + "alerting/",
		Example: Example{Alert, "alert: A\nexpr: app_queue_length >= 0\nfor: 5m", "alert: A\nexpr: app_queue_length >= 10\nfor: 5m"},
	},
	{
		ID: "range/ratio-always-one", Severity: diag.Error, Title: "A ratio of each series to itself",
		Why:     "Without an aggregation the matcher on one side selects series that meet themselves on the other. The result is 1 for each of them, whatever happens.",
		Source:  promDocs + "operators/#one-to-one-vector-matches",
		Example: Example{PromQL, `rate(app_requests_total{code=~"5.."}[5m]) / rate(app_requests_total[5m])`, `sum(rate(app_requests_total{code=~"5.."}[5m])) / sum(rate(app_requests_total[5m]))`},
	},
	{
		ID: "unit/add-mismatch", Severity: diag.Error, Title: "A sum of different units",
		Why:     "Seconds and bytes cannot be added, nor milliseconds and seconds without a factor.",
		Source:  practices + "naming/#base-units",
		Example: Example{PromQL, `app_memory_bytes - app_start_timestamp_seconds`, `time() - app_start_timestamp_seconds`},
	},
	{
		ID: "unit/compare-mismatch", Severity: diag.Error, Title: "A comparison of different units",
		Why:     "The order of a number of bytes and a number of seconds means nothing.",
		Source:  practices + "naming/#base-units",
		Example: Example{PromQL, `app_memory_bytes > on (job, instance) app_uptime_seconds`, `app_memory_bytes > on (job, instance) app_limit_bytes`},
	},
}

// syntaxChecks are reported where files are read.
var syntaxChecks = []*Check{
	{
		ID: "syntax/promql", Severity: diag.Error, Title: "An expression that does not parse",
		Why:     "Prometheus refuses the rule file, Grafana shows an error instead of the panel.",
		Source:  promDocs + "basics/",
		Example: Example{PromQL, `sum(rate(app_requests_total[5m])`, `sum(rate(app_requests_total[5m]))`},
		Set: func(s *Set, report Report) {
			for _, q := range s.all {
				if q.Fault != nil {
					report(diag.Finding{At: q.Fault.At, Subject: q.subject(), Message: q.Fault.Message, Mend: "mend the expression"})
				}
			}
		},
	},
	{
		ID: "syntax/yaml", Severity: diag.Error, Title: "YAML that does not parse",
		Why:     "Prometheus refuses the whole file, with every rule in it.",
		Source:  "https://yaml.org/spec/1.2.2/",
		Example: Example{RuleFile, "groups:\n  - name: g\n    rules:\n    - record: a:b:c\n     expr: up\n", "groups:\n  - name: g\n    rules:\n    - record: a:b:c\n      expr: up\n"},
	},
	{
		ID: "syntax/json", Severity: diag.Error, Title: "JSON that does not parse",
		Why:     "Grafana does not load the dashboard.",
		Source:  grafana + "dashboards/build-dashboards/view-dashboard-json-model/",
		Example: Example{WholeBoard, `{"title": "A", "uid": "a", "panels": [],}`, `{"title": "A", "uid": "a", "panels": []}`},
	},
	{
		ID: "syntax/rule", Severity: diag.Error, Title: "A rule with wrong fields",
		Why:     "Prometheus refuses files with unknown fields, and rules that lack what they need or mix what excludes each other.",
		Source:  "https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/#rule",
		Example: Example{RuleFile, "groups:\n  - name: g\n    rules:\n      - alert: A\n        exprs: up == 0\n", "groups:\n  - name: g\n    rules:\n      - alert: A\n        expr: up == 0\n        for: 5m\n"},
		Rule: func(r *Rule, report Report) {
			for _, f := range r.Faults {
				report(diag.Finding{ID: f.ID, At: f.At.At(), Message: f.Message, Mend: f.Mend})
			}
		},
	},
	{
		ID: "syntax/suppression", Severity: diag.Warning, Title: "A suppression that suppresses nothing",
		Why:     "A comment that excuses a finding outlives it, and then hides the next one. One without a reason tells nobody whether it still holds.",
		Source:  "https://github.com/obsgen/obsgen/blob/main/README.md",
		Example: Example{RuleFile, "groups:\n  - name: g\n    rules:\n      # obsgen:ignore hist/no-le the exporter has no buckets\n      - record: job:up:sum\n        expr: sum by (job) (up)\n", "groups:\n  - name: g\n    rules:\n      - record: job:up:sum\n        expr: sum by (job) (up)\n"},
	},
}
