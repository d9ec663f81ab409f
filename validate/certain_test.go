package validate_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/catalog/external"
	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/source"
	"github.com/obsgen/obsgen/source/exposition"
	"github.com/obsgen/obsgen/validate"
)

// lintAgainst lints files against a catalog; nil: nothing is known of any metric.
func lintAgainst(t *testing.T, c *catalog.Catalog, files ...[2]string) []diag.Finding {
	t.Helper()
	var docs []*source.Document
	for _, f := range files {
		docs = append(docs, source.Read(f[0], []byte(f[1])))
	}
	return validate.NewSet(docs, validate.Options{Catalog: c, Off: map[string]bool{"metric/unused": true}}).Run()
}

// exposed is the catalog of a server's exposition, as lint --catalog reads it.
func exposed(t *testing.T, text string) *catalog.Catalog {
	t.Helper()
	g, err := exposition.Read("metrics.prom", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return catalog.New("files", catalog.CatalogSpec{Groups: []*catalog.Group{g, external.Scrape, external.Alerts}})
}

// ids returns the checks that found something.
func ids(fs []diag.Finding) []string {
	var out []string
	for _, f := range fs {
		out = append(out, f.ID)
	}
	return out
}

func alertOf(expr string) string {
	return "alert: A\nexpr: '" + strings.ReplaceAll(expr, "'", "''") + "'\nfor: 5m"
}

// TestUntyped wants nothing of a metric without a type that rests on its type, and of a gauge what it always was.
func TestUntyped(t *testing.T) {
	c := exposed(t, "# TYPE a_events untyped\na_events 5\nb_events 5\n# TYPE c_events gauge\nc_events 5\n# HELP d_events Events.\nd_events 5\n")
	for _, name := range []string{"a_events", "b_events", "d_events"} {
		for _, expr := range []string{"increase(%[5m]) > 0", "rate(%[5m]) > 0", "delta(%[5m]) > 0", "% > 0", "sum(%) > 5", "histogram_count(rate(%[5m])) > 0", "rate(sum(%)[5m:]) > 1"} {
			expr = strings.ReplaceAll(expr, "%", name)
			file, text := file(validate.Alert, alertOf(expr))
			for _, f := range lintAgainst(t, c, [2]string{file, text}) {
				if strings.HasPrefix(f.ID, "type/") || strings.HasPrefix(f.ID, "hist/") || strings.HasPrefix(f.ID, "range/") {
					t.Errorf("%s: %s", expr, f)
				}
			}
		}
	}
	name, text := file(validate.Alert, alertOf("increase(c_events[5m]) > 0"))
	if found := ids(lintAgainst(t, c, [2]string{name, text})); !slices.Contains(found, "type/rate-on-gauge") {
		t.Errorf("a rate of a gauge is not found: %v", found)
	}
}

// TestTargetLabels wants no finding that rests on the labels that a scrape adds to metrics of others.
func TestTargetLabels(t *testing.T) {
	shop := catalog.NewGroup("shop", catalog.GroupSpec{Help: "Shop.", Owner: "shop"})
	catalog.NewGauge(shop, "d_bytes", catalog.None{}, catalog.Spec{Help: "D."})
	whole := catalog.New("shop", catalog.CatalogSpec{Groups: append([]*catalog.Group{shop}, external.All()...)})
	file1 := exposed(t, "# TYPE d_bytes gauge\nd_bytes 5\n")
	for _, expr := range []string{
		`sum by (cluster) (up) < 1`,
		`d_bytes * on (instance) group_left (region) up > 1`,
		`100 * (count by (cluster, job, namespace, service) (up == 0) / count by (cluster, job, namespace, service) (up)) > 10`,
		`scrape_duration_seconds{cluster="a"} > 1`,
		`scrape_samples_scraped{namespace="a"} > 1`,
		`go_goroutines{namespace="shop"} > 1e6`,
		`process_open_fds{container="app"} / process_max_fds > 0.9`,
		`sum without (pod) (process_open_fds) > 1e6`,
	} {
		name, text := file(validate.Alert, alertOf(expr))
		for _, c := range []*catalog.Catalog{whole, file1} {
			for _, f := range lintAgainst(t, c, [2]string{name, text}) {
				if f.Severity > diag.Info {
					t.Errorf("%s against %s: %s", expr, c.Name, f)
				}
			}
		}
	}
	name, text := file(validate.Alert, alertOf(`up{cluster="a"} == 0`)+"\nannotations:\n  summary: '{{ $labels.cluster }}'")
	for _, c := range []*catalog.Catalog{whole, file1} {
		for _, f := range lintAgainst(t, c, [2]string{name, text}) {
			t.Errorf("%s: %s", c.Name, f)
		}
	}
	name, text = file(validate.WholeBoard, `{"title": "B", "uid": "b", "panels": [{"title": "P $cluster", "type": "stat", "targets": [{"expr": "up{cluster=\"$cluster\"}", "legendFormat": "{{pod}}"}]}], "templating": {"list": [{"name": "cluster", "type": "query", "query": "label_values(up{job=\"x\"}, cluster)", "refresh": 2}]}}`)
	for _, c := range []*catalog.Catalog{whole, file1} {
		for _, f := range lintAgainst(t, c, [2]string{name, text}) {
			t.Errorf("%s: %s", c.Name, f)
		}
	}
	// The service's own metrics are declared with all of their labels, and a project's own targets are those of its profile.
	for expr, own := range map[string]bool{`d_bytes{cluster="a"} > 1`: false, `up{cluster="a"} == 0`: true} {
		name, text := file(validate.Alert, alertOf(expr))
		fs := validate.NewSet([]*source.Document{source.Read(name, []byte(text))}, validate.Options{Catalog: whole, OwnTargets: own}).Run()
		if !slices.Contains(ids(fs), "label/not-in-metric") {
			t.Errorf("%s: %v", expr, fs)
		}
	}
}

// TestCertain has, of each kind of finding that was once false, one that is true and one that is not. Nothing is known of
// metrics but those of the examples.
func TestCertain(t *testing.T) {
	summary := func(expr, text string) string { return alertOf(expr) + "\nannotations:\n  summary: '" + text + "'" }
	group := func(rules ...string) string {
		return "groups:\n  - name: g\n    rules:\n      - " + strings.Join(rules, "\n      - ") + "\n"
	}
	record := func(expr, labels string) string {
		return "{record: 'a:b:c', expr: '" + expr + "', labels: {" + labels + "}}"
	}
	board := func(variables, panels string) string {
		return `{"title": "B", "uid": "b", "panels": [` + panels + `], "templating": {"list": [` + variables + `]}}`
	}
	variable := func(name, query string) string {
		return `{"name": "` + name + `", "type": "query", "query": "` + query + `", "refresh": 2}`
	}
	panel := func(kind, expr string) string {
		return `{"title": "P", "type": "` + kind + `", "targets": [{"expr": "` + expr + `"}]}`
	}
	for _, c := range []struct {
		check string
		of    validate.Kind
		text  string
		found int
	}{
		{"alert/no-condition", validate.Alert, alertOf(`strimzi_kafka_resource_info{ready!="True"}`), 0},
		{"alert/no-condition", validate.Alert, alertOf(`csv_abnormal{phase=~"Failed|Unknown"}`), 0},
		{"alert/no-condition", validate.Alert, alertOf(`count by (namespace) (csv_abnormal{phase=~"Failed|Unknown"})`), 0},
		{"alert/no-condition", validate.Alert, alertOf(`sum by (namespace) (kube_namespace_labels{label_tier="restricted"})`), 0},
		{"alert/no-condition", validate.Alert, alertOf(`max_over_time(pg_index_size{name=~".*ccnew.*"}[5m])`), 0},
		{"alert/no-condition", validate.Alert, alertOf(`app_queue_length > 5 or some_iface_info{duplex!="full"}`), 0},
		{"alert/no-condition", validate.Alert, alertOf(`up * on (instance) group_left (version) app_build_info{version!="3"}`), 0},
		{"alert/no-condition", validate.Alert, alertOf(`recorded:elsewhere:firing`), 0},
		{"alert/no-condition", validate.Alert, alertOf(`strimzi_kafka_resource_info{namespace="a"}`), 1},
		{"alert/no-condition", validate.Alert, alertOf(`some_level{device!=""}`), 1},
		{"alert/no-condition", validate.Alert, alertOf(`some_errors_total{code="500"}`), 1},
		{"alert/no-condition", validate.Alert, alertOf(`sum(some_level{state="bad"})`), 1},
		{"alert/no-condition", validate.Alert, alertOf(`sum by (code) (rate(some_requests_total{code=~"5.."}[5m]))`), 1},
		{"alert/no-condition", validate.Alert, alertOf(`rate(some_requests_total{code=~"5.."}[5m])`), 1},
		{"alert/no-condition", validate.Alert, alertOf(`some_free{mode="a"} / some_size{mode="a"}`), 1},
		{"alert/no-condition", validate.Alert, alertOf(`app_queue_length{zone="a"}`), 1},
		{"alert/no-condition", validate.Alert, alertOf(`app_queue_length > 5 or some_level`), 1},
		{"alert/no-condition", validate.Alert, alertOf(`max_over_time(some_seconds_count{op="transfer",status!="success"}[15m])`), 0},
		{"alert/no-condition", validate.Alert, alertOf(`max_over_time(some_seconds_count{job="a"}[15m])`), 1},

		// A name without a colon can be that of a scraped metric, too, whatever a rule makes of it.
		{"label/not-in-metric", validate.RuleFile, group(`{record: some_usage_bytes, expr: 'sum by (pod) (some_usage_bytes{job="a"})', labels: {job: a-vpa}}`, `{record: 'pod:some_usage:sum', expr: 'sum by (pod) (some_usage_bytes{image!=""})'}`), 0},
		{"label/value-unknown", validate.RuleFile, group(`{record: some_usage_bytes, expr: 'sum by (pod) (some_usage_bytes{job="a"})', labels: {job: a-vpa}}`, `{record: 'pod:some_usage:sum', expr: 'sum by (pod) (some_usage_bytes{job="a"})'}`), 0},
		{"type/rate-on-gauge", validate.RuleFile, group(`{record: some_transmit_bytes, expr: 'rate(some_transmit_bytes_total[5m])'}`, `{record: 'some_transmit:rate5m', expr: 'rate(some_transmit_bytes[5m])'}`), 0},
		{"label/not-in-metric", validate.RuleFile, group(`{record: 'pod:some_usage:sum', expr: 'sum by (pod) (some_usage_bytes)'}`, `{record: 'image:some_usage:sum', expr: 'sum by (pod) (pod:some_usage:sum{image!=""})'}`), 1},

		{"record/duplicate", validate.RuleFile, group(`{record: 'a:lat:p99', expr: 'histogram_quantile(0.99, sum by (a, le) (rate(lat_bucket[5m])))'}`, `{record: 'a:lat:p99', expr: 'histogram_quantile(0.99, sum by (a) (rate(lat[5m])))'}`), 0},
		{"record/duplicate", validate.RuleFile, group(`{record: 'a:lat:p99', expr: 'histogram_quantile(0.99, sum by (a, le) (rate(lat_bucket[5m])))'}`, `{record: 'a:lat:p99', expr: 'histogram_quantile(0.95, sum by (a, le) (rate(lat_bucket[5m])))'}`), 1},

		{"range/scalar-nan", validate.RuleFile, group(`{record: 'all:steps:count1h', expr: 'count_over_time(vector(1)[1h:5m])', labels: {tenant: a}}`, `{record: 'x:y:share', expr: 'max by (x) (y) / scalar(all:steps:count1h)'}`), 0},
		{"range/scalar-nan", validate.RuleFile, group(`{record: 'method:app_requests:rate5m', expr: 'sum by (method) (rate(app_requests_total[5m]))', labels: {tenant: a}}`, `{record: 'x:y:share', expr: 'max by (x) (y) / scalar(method:app_requests:rate5m)'}`), 1},

		{"record/self", validate.RuleFile, group(`{record: some_usage, expr: 'sum by (pod) (some_usage{job="a"})', labels: {job: b}}`), 0},
		{"record/self", validate.RuleFile, group(`{record: some_usage, expr: 'label_replace(some_usage{id="a"}, "id", "b", "id", ".*")'}`), 0},
		{"record/self", validate.RuleFile, group(`{record: some_usage, expr: 'sum by (pod) (some_usage{job="a"})', labels: {job: a}}`), 1},
		{"name/no-metric-name", validate.RuleFile, group(`{alert: A, expr: 'rate({app="a"}[1h]) > 0'}`, `{alert: B, expr: 'sum by (msg) (count_over_time({app="b"}[1h])) > 5'}`), 0},
		{"name/no-metric-name", validate.RuleFile, group(`{alert: A, expr: 'rate({app="a"}[1h]) > 0'}`, `{alert: B, expr: 'up == 0'}`), 1},

		{"alert/no-condition", validate.RuleFile, group(`{record: 'a:b:c', expr: '2 * (a:b:d) + a:b:c'}`, `{record: 'a:b:d', expr: 'sum(a:b:c)'}`, `{alert: A, for: 5m, expr: 'a:b:c * 2'}`), 1},
		{"alert/no-condition", validate.RuleFile, group(`{record: 'a:b:c', expr: '2 * (a:b:d > 1) + a:b:c'}`, `{record: 'a:b:d', expr: 'sum(a:b:c)'}`, `{alert: A, for: 5m, expr: 'a:b:c * 2'}`), 0},

		{"range/clamped-denominator", validate.PromQL, `sum(app_queue_length) / clamp_min(sum(rate(app_requests_total[5m])), 1)`, 0},
		{"alert/empty-numerator", validate.Alert, alertOf(`sum(phpfpm_processes_total{state="idle"}) / sum(phpfpm_processes_total) <= 0.25`), 0},
		{"alert/url", validate.Alert, alertOf("up == 0") + "\nannotations:\n  runbook_url: https://example.org/a#over_90%", 0},
		{"alert/url", validate.Alert, alertOf("up == 0") + "\nannotations:\n  runbook_url: https://example.org/%zz", 1},

		{"match/redundant-join", validate.PromQL, `app_requests_total * on (instance, job) group_left (method) label_replace(app_build_info, "method", "$1", "version", "(.*)")`, 0},
		{"match/group-label-clash", validate.PromQL, `app_requests_total * on (instance, job) group_left (method) label_replace(app_build_info, "method", "$1", "version", "(.*)")`, 1},
		{"alert/url", validate.Alert, alertOf("up == 0") + "\nannotations:\n  dashboard_url: /d/abc", 0},
		{"alert/url", validate.Alert, alertOf("up == 0") + "\nannotations:\n  runbook_url: /runbooks/a", 1},

		{"dash/var-chain", validate.WholeBoard, board(variable("a", `label_values(up{b=\"$b\"}, a)`)+","+variable("b", "label_values(up, b)"), ""), 0},
		{"dash/var-chain", validate.WholeBoard, board(variable("a", `label_values(up{b=\"$b\"}, a)`)+","+variable("b", `label_values(up{c=\"${c}\"}, b)`)+","+variable("c", `label_values(up{a=\"[[a]]\"}, c)`), ""), 1},
		{"dash/var-chain", validate.WholeBoard, board(variable("a", `label_values(up{a=\"$a\"}, a)`), ""), 1},
		{"dash/var-chain", validate.WholeBoard, board(variable("a", `label_values(up{b=\"$b\",c=\"$c\"}, a)`)+","+variable("b", `label_values(up{c=\"$c\"}, b)`)+","+variable("c", "label_values(up, c)"), ""), 0},

		{"name/unknown-alert", validate.RuleFile, group(`{alert: AppDown, expr: up == 0}`, `{alert: B, expr: 'ALERTS{alertname="AppDwon"} == 1'}`), 1},
		{"name/unknown-alert", validate.RuleFile, group(`{alert: EtcdMembersDownSRE, expr: 'ALERTS{alertname="EtcdMembersDown"} == 1'}`), 0},
		{"name/unknown-alert", validate.RuleFile, group(`{alert: HighCPUUsage, expr: up == 0}`, `{alert: B, expr: 'ALERTS{alertname="HighMemUsage"} == 1'}`), 0},
		{"name/unknown-alert", validate.RuleFile, group(`{alert: Level2, expr: up == 0}`, `{alert: B, expr: 'ALERTS{alertname="Level3"} == 1'}`), 0},

		{"alert/label-collapse", validate.RuleFile, group(record(`sum by (team) (x)`, "slo: a, service: s"), record(`sum by (team) (x)`, "slo: b, service: t"),
			`{alert: A, expr: 'a:b:c{slo="a"} > 14', labels: {service: s}}`), 0},
		{"alert/label-collapse", validate.RuleFile, group(record(`sum by (team) (x)`, "slo: a, service: s"), record(`sum by (team) (x)`, "slo: b, service: t"),
			`{alert: A, expr: 'a:b:c > 14', labels: {service: s}}`), 1},

		{"window/lookback-flap", validate.RuleFile, "groups:\n  - name: g\n    interval: 15m\n    rules:\n      - {record: 'job:x:last', expr: 'sum by (job) (x)'}\n      - {alert: A, expr: 'job:x:last > 5'}\n", 0},
		{"window/lookback-flap", validate.RuleFile, "groups:\n  - name: g\n    interval: 15m\n    rules:\n      - {alert: A, expr: 'job:x:last > 5'}\n      - {record: 'job:x:last', expr: 'sum by (job) (x)'}\n", 1},
		{"window/lookback-flap", validate.RuleFile, "groups:\n  - name: g\n    interval: 15m\n    rules:\n      - {record: 'job:x:last', expr: 'sum by (job) (x)'}\n  - name: h\n    interval: 15m\n    rules:\n      - {alert: A, expr: 'job:x:last > 5'}\n      - {alert: B, expr: 'last_over_time(job:x:last[1h]) > 5'}\n", 1},
		{"group/interval-long", validate.RuleFile, "groups:\n  - name: g\n    interval: 1h\n    rules:\n      - {alert: A, expr: 'x > 5'}\n", 0},
		{"group/interval-long", validate.RuleFile, "groups:\n  - name: g\n    interval: 15m\n    rules:\n      - {record: 'job:x:last', expr: 'sum by (job) (x)'}\n      - {alert: A, expr: 'job:x:last > 5'}\n", 0},
		{"group/interval-long", validate.RuleFile, "groups:\n  - name: g\n    interval: 15m\n    rules:\n      - {record: 'job:x:last', expr: 'sum by (job) (x)'}\n      - {record: 'job:y:last', expr: 'job:x:last > 5'}\n", 1},

		{"template/value-meaning", validate.Alert, summary(`count(ALERTS{alertname="InfoState"}) >= 1`, "CPU above 85%"), 0},
		{"template/value-meaning", validate.Alert, summary(`rate(cpu_seconds_total[5m]) > 0.48`, "more than 80% of its limit of 600m"), 0},
		{"template/value-meaning", validate.Alert, summary(`x_used / x_size > 0.9`, "above 90%, and critical above 95%"), 0},
		{"template/value-meaning", validate.Alert, summary(`x_used / x_size > 0.9`, "above 80%"), 1},
		{"template/value-meaning", validate.Alert, summary(`100 * (x_used / x_size) > 90`, "more than 80 %"), 1},
		{"template/value-meaning", validate.Alert, summary(`x_cpu_percent > 90`, "over 80%"), 1},
		{"template/for-text", validate.Alert, summary(`x > 5`, "budget for 1M samples, for 100M more"), 0},
		{"template/for-text", validate.Alert, summary(`x > 5`, "down for 10m"), 1},
		{"template/for-text", validate.Alert, summary(`x > 5`, "down for 10 Minutes"), 1},

		{"dash/retired-panel", validate.WholeBoard, board("", panel("graph", "up")+","+panel("graph", "up")+","+panel("singlestat", "up")), 1},
		{"dash/retired-panel", validate.WholeBoard, board("", panel("timeseries", "up")), 0},
		{"time/timestamp-computed", validate.PromQL, `max_over_time(timestamp(x > 5)[1d:])`, 0},
		{"time/timestamp-computed", validate.PromQL, `timestamp(x > 5)`, 0},
		{"time/timestamp-computed", validate.PromQL, `time() - timestamp(x > 5)`, 1},
		{"match/on-absent-label", validate.PromQL, `sum by (job) (app_queue_length) / on (job, zone) sum by (job) (app_memory_bytes)`, 0},
		{"match/on-absent-label", validate.PromQL, `sum by (job) (app_queue_length) / on (zone) sum(app_memory_bytes)`, 1},
		{"regex/never", validate.PromQL, `x{a!~".*"}`, 1},
		{"regex/never", validate.PromQL, `x{a!~"b|(.*)"}`, 1},
		{"regex/never", validate.PromQL, `x{a!~".+"} + x{a!~"b.*"} + x{a!~"$v|.*"}`, 0},
		{"regex/wildcard", validate.PromQL, `x{a=~"(.*)"}`, 1},
		{"regex/wildcard", validate.PromQL, `x{a!~".*"}`, 0},
		{"agg/count-of-filter", validate.Alert, alertOf(`count(app_queue_length > 5) < 1`), 1},
		{"range/never", validate.Alert, alertOf(`count(app_queue_length > 5) < 1`), 0},
		{"range/never", validate.Alert, alertOf(`count(app_queue_length > 5) == 0`), 1},
		{"match/group-label-absent", validate.PromQL, `sum(app_requests_total * on (job, instance) group_left (version) app_queue_length)`, 1},
		{"match/lost-join", validate.PromQL, `sum(app_requests_total * on (job, instance) group_left (version) app_queue_length)`, 0},
		{"match/lost-join", validate.PromQL, `sum(app_requests_total * on (job, instance) group_left (version) app_build_info)`, 1},

		{"type/raw-counter", validate.Alert, alertOf(`app_errors_total > 0`), 1},
		{"type/raw-counter", validate.Alert, alertOf(`app_errors_total != 0`), 1},
		{"type/raw-counter", validate.Alert, alertOf(`0 < app_errors_total`), 1},
		{"type/raw-counter", validate.Alert, alertOf(`sum(app_errors_total) > 0`), 1},
		{"type/raw-counter", validate.Alert, alertOf(`app_queue_length > 5 or app_errors_total >= 1`), 1},
		{"type/raw-counter", validate.Alert, alertOf(`app_errors_total > 100 and on (job) up == 1`), 1},
		{"type/raw-counter", validate.Alert, alertOf(`app_errors_total > 0 and on (job) up == 0`), 0},
		{"type/raw-counter", validate.Alert, alertOf(`sum(rate(app_errors_total[5m])) / (sum(app_requests_total) > 0) > 5`), 0},
		{"type/raw-counter", validate.Alert, alertOf(`count(app_errors_total) > 0`), 0},
		{"type/raw-counter", validate.Alert, alertOf(`app_errors_total == 0`), 0},
		{"unit/timepoint", validate.Alert, alertOf(`delta(archive_last_failed_timestamp_seconds[5m]) > 0`), 1},
		{"unit/timepoint", validate.Alert, alertOf(`increase(process_start_time_seconds[30m]) > 1`), 1},
		{"unit/timepoint", validate.PromQL, `sum_over_time(timestamp(x)[1h:1m])`, 1},
		{"unit/timepoint", validate.Alert, alertOf(`changes(process_start_time_seconds[30m]) > 1`), 0},
		{"unit/timepoint", validate.Alert, alertOf(`rate(queue_highest_timestamp_seconds[5m]) < 0.5`), 0},

		{"alert/never-resolves", validate.Alert, alertOf(`time() - process_start_time_seconds > 600`), 1},
		{"alert/never-resolves", validate.Alert, alertOf(`app_queue_length > 5 or time() - process_start_time_seconds > 600`), 1},
		{"alert/never-resolves", validate.Alert, alertOf(`time() - process_start_time_seconds > 600 and on (job) up == 0`), 0},
		{"alert/never-resolves", validate.Alert, alertOf(`rate(x_total[5m]) == 0 and on (instance) time() - process_start_time_seconds > 3600`), 0},
		{"alert/never-resolves", validate.Alert, alertOf(`x > 5 and on () time() - node_boot_time_seconds > 600`), 0},
		{"alert/never-resolves", validate.Alert, alertOf(`time() - process_start_time_seconds > 600 unless on (job) up == 1`), 0},
		{"alert/never-resolves", validate.Alert, alertOf(`rate(x_total[5m] @ 1609746000) > 5`), 1},
		{"alert/never-resolves", validate.Alert, alertOf(`rate(x_total[5m]) - rate(x_total[5m] @ 1609746000) > 5`), 0},

		{"record/duplicate", validate.RuleFile, group(record("sum(x)", ""), record("sum(y)", "")), 1},
		{"record/duplicate", validate.RuleFile, group(record("vector(1)", ""), record("vector(2)", "")), 1},
		{"record/duplicate", validate.RuleFile, group(record(`sum(x{job="a"})`, ""), record(`sum(x{job="b"})`, "")), 1},
		{"record/duplicate", validate.RuleFile, group(record(`x{job="a"}`, "job: c"), record(`x{job="b"}`, "job: c")), 1},
		{"record/duplicate", validate.RuleFile, group(record(`sum by (job) (x)`, ""), record(`sum by (job) (y)`, "")), 1},
		{"record/duplicate", validate.RuleFile, group(record(`sum(x)`, "a: b"), record(`sum(y)`, "a: c")), 0},
		{"record/duplicate", validate.RuleFile, group(record(`sum by (job) (x{job="a"})`, ""), record(`sum by (job) (x{job="b"})`, "")), 0},
		{"record/duplicate", validate.RuleFile, group(record(`sum by (code) (x{code=~"2.."})`, ""), record(`sum by (code) (x{code=~"3.."})`, "")), 0},
		{"record/duplicate", validate.RuleFile, group(record(`sum by (code) (x{code=~"2.."})`, ""), record(`sum by (code) (x{code!~"2.."})`, "")), 0},
		{"record/duplicate", validate.RuleFile, group(record(`sum by (code) (x)`, ""), record(`sum by (code) (x{code=~"3.."})`, "")), 1},
		{"record/duplicate", validate.RuleFile, group(record(`floor(x / y)`, ""), record(`floor(z / u)`, "")), 0},
		{"record/duplicate", validate.RuleFile, group(record(`x{a="b"}`, ""), record(`x{c="d"}`, "")), 1},
		{"record/duplicate", validate.RuleFile, group(record(`x == 1`, ""), record(`x == 2`, "")), 0},
		{"record/duplicate", validate.RuleFile, group(record(`label_replace(x, "a", "b", "", "")`, ""), record(`label_replace(x, "a", "c", "", "")`, "")), 0},
	} {
		name, text := file(c.of, c.text)
		var found []string
		for _, f := range lint([2]string{name, text}) {
			if f.ID == c.check {
				found = append(found, f.String())
			}
		}
		if len(found) != c.found {
			t.Errorf("%s: found %q, want %d\n%s", c.check, found, c.found, text)
		}
	}
}

// TestAlternatives wants nothing of rules and dashboards of several directories that are taken one for another.
func TestAlternatives(t *testing.T) {
	rules := func(path string, rules ...string) [2]string {
		return [2]string{path, "groups:\n  - name: g\n    rules:\n      - " + strings.Join(rules, "\n      - ") + "\n"}
	}
	board := func(path, title string) [2]string {
		return [2]string{path, `{"title": "` + title + `", "uid": "b", "panels": []}`}
	}
	for _, c := range []struct {
		check          string
		one, elsewhere [2]string
		message        string
	}{
		{"record/cycle", rules("a/1.yaml", "{record: 'x:old:sum', expr: 'x:new:sum'}"), rules("%/2.yaml", "{record: 'x:new:sum', expr: 'x:old:sum'}"), "read each other"},
		{"dash/duplicate-uid", board("a/1.json", "A"), board("%/2.json", "B"), "uid b"},
		{"name/unknown-alert", rules("a/1.yaml", "{alert: AppDown, expr: up == 0}"), rules("%/2.yaml", `{alert: B, expr: 'ALERTS{alertname="AppDwon"} == 1'}`), "AppDwon"},
		{"name/missing-rule", rules("a/1.yaml", "{record: 'x:y:rate5m', expr: 'x'}"), rules("%/2.yaml", `{alert: B, expr: 'x:y:rate1h > 5'}`), "x:y:rate1h"},
		{"range/scalar-nan", rules("a/1.yaml", "{record: ':steps:count', expr: 'count(x)', labels: {tenant: a}}"), rules("%/2.yaml", "{record: ':steps:count', expr: 'count(x)', labels: {tenant: b}}", "{record: 'a:x:share', expr: 'sum by (a) (x) / scalar(:steps:count)'}"), "scalar(:steps:count)"},
	} {
		for dir, want := range map[string]int{"a": 1, "b": 0} {
			other := [2]string{strings.Replace(c.elsewhere[0], "%", dir, 1), c.elsewhere[1]}
			n := 0
			for _, f := range lintAgainst(t, nil, c.one, other) {
				if f.ID == c.check {
					n++
					if f.Severity != diag.Warning || !strings.Contains(f.Message, c.message) {
						t.Errorf("%s: %s", c.check, f)
					}
					if strings.Contains(f.Mend, "did you mean x:y") {
						t.Errorf("another window is no misspelling: %s", f)
					}
				}
			}
			if n != want {
				t.Errorf("%s in %s: %d findings, want %d", c.check, dir, n, want)
			}
		}
	}
	// The name that a rule records itself is no fix.
	for _, f := range lintAgainst(t, nil, rules("a.yaml", "{record: 'x:y:sum_all', expr: 'sum(x:y:sum_al)'}", "{record: 'x:y:sum_other', expr: 'x'}")) {
		if f.ID == "name/missing-rule" && strings.Contains(f.Mend, "sum_all") {
			t.Error(f)
		}
	}
}

// TestOtherSpelling wants of a bucket in the spelling of Prometheus 2 a fix that works in both versions, where it is not
// known which one runs the query.
func TestOtherSpelling(t *testing.T) {
	for _, c := range []struct {
		expr, version3, both string
	}{
		{`x_bucket{le="1"}`, `x_bucket{le="1.0"}`, `x_bucket{le=~"1|1.0"}`},
		{`x{quantile="1"}`, `x{quantile="1.0"}`, `x{quantile=~"1|1.0"}`},
		{`x{quantile="0.90"}`, `x{quantile="0.9"}`, `x{quantile=~"0.90|0.9"}`},
		{`x{quantile="99"}`, `x{quantile="99"}`, `x{quantile="99"}`},
	} {
		name, text := file(validate.PromQL, c.expr)
		for version, want := range map[[2]int]string{{}: c.both, {3, 5}: c.version3, {2, 55}: c.expr} {
			var edits []diag.Edit
			for _, f := range validate.NewSet([]*source.Document{source.Read(name, []byte(text))}, validate.Options{Server: validate.Server{Version: version}}).Run() {
				if f.ID == "label/le-literal" || f.ID == "hist/summary-quantile-missing" {
					edits = append(edits, f.Edits...)
					if !strings.Contains(f.Message, "Prometheus 3") {
						t.Errorf("%s does not say of which version it is", f)
					}
				}
			}
			got, _ := source.Apply([]byte(text), edits)
			if want := strings.Replace(text, c.expr, want, 1); string(got) != want {
				t.Errorf("%v: %s becomes\n%s", version, c.expr, got)
			}
		}
	}
}

// TestKnownBucket wants the same of a bucket of the catalog, which is an error there.
func TestKnownBucket(t *testing.T) {
	name, text := file(validate.PromQL, `sum(rate(app_duration_seconds_bucket{le="1"}[5m])) + sum(rate(app_duration_seconds_bucket{le="7"}[5m]))`)
	var found []string
	for _, f := range lint([2]string{name, text}) {
		if f.ID == "label/value-unknown" {
			found = append(found, f.Message+"; "+f.Mend)
		}
	}
	if len(found) != 2 || !strings.Contains(found[0], `Prometheus 3, which stores "1.0"; write le=~"1|1.0"`) || strings.Contains(found[1], "Prometheus 3") {
		t.Errorf("%q", found)
	}
}

// TestWords wants fixes that are right, and the labels that a message is about.
func TestWords(t *testing.T) {
	for _, c := range []struct{ expr, check, says, never string }{
		{`increase(app_start_timestamp_seconds[30m]) > 1`, "type/rate-on-gauge", "use changes()", "delta()"},
		{`increase(app_queue_length[30m]) > 1`, "type/rate-on-gauge", "delta()", "changes()"},
		{`app_queue_length{job="x"} > 0 and sum(app_memory_bytes) > 1`, "match/never", `app_queue_length{job="x"} > 0 {instance, job} and sum(app_memory_bytes) > 1: the sides differ in instance, job`, "{}"},
	} {
		name, text := file(validate.Alert, alertOf(c.expr))
		var found []string
		for _, f := range lint([2]string{name, text}) {
			if f.ID == c.check {
				found = append(found, f.Message+"; "+f.Mend)
			}
			if f.ID == "unit/timepoint" {
				t.Errorf("%s is reported twice: %s", c.expr, f)
			}
		}
		if len(found) != 1 || !strings.Contains(found[0], c.says) || strings.Contains(found[0], c.never) {
			t.Errorf("%s: %q, want %q and never %q", c.expr, found, c.says, c.never)
		}
	}
}
