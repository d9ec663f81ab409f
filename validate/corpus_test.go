package validate_test

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/internal/golden"
	"github.com/obsgen/obsgen/internal/testkit/optional"
	"github.com/obsgen/obsgen/mockforge/metrics"
	"github.com/obsgen/obsgen/source"
	"github.com/obsgen/obsgen/validate"
)

func documents(t testing.TB, root string) []*source.Document {
	t.Helper()
	var docs []*source.Document
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if ext := filepath.Ext(p); ext != ".json" && ext != ".yaml" && ext != ".yml" && ext != ".rules" || strings.Contains(p, "expositions") {
			return nil
		}
		data, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, p)
		docs = append(docs, source.Read(filepath.ToSlash(name), data))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return docs
}

// TestCorpusMockForge lints MockForge's own files against its catalog. Each line of the golden file was looked at and is true;
// the drifts that it shows are named beside the checks below.
func TestCorpusMockForge(t *testing.T) {
	fs := validate.NewSet(documents(t, optional.Corpus(t, "mockforge")), validate.Options{Catalog: metrics.Catalog}).Run()
	var b strings.Builder
	for _, f := range fs {
		if f.ID == "metric/unused" {
			f.At = diag.Position{} // the declaration's line moves with the catalog
		}
		fmt.Fprintf(&b, "%s [%s] %s\n", f.At, f.ID, f.Message)
	}
	golden.File(t, "testdata/mockforge.golden", []byte(b.String()))

	// By the numbers of the drifts: the check that finds each, in which file, and in which words.
	for _, d := range []struct {
		drift          int
		id, file, says string
	}{
		{14, "name/unknown-metric", "deploy/grafana/dashboards/mockforge-analytics.json", "mockforge_chaos_impact"},
		{15, "name/unknown-metric", "deploy/grafana/dashboards/mockforge-overview.json", "_http_requests_total"},
		{15, "name/unknown-metric", "deploy/prometheus/slo/mockforge-slo.yml", "_http_requests_total"},
		{16, "name/unknown-metric", "deploy/prometheus/alerts/mockforge-alerts.yml", "connection_pool_active"},
		{17, "name/unknown-metric", "grafana/dashboards/mockforge-async-protocols.json", "ws_messages_sent"},
		{18, "name/unknown-metric", "grafana/dashboards/mockforge-workspace.json", "workspace_requests_duration"},
		{20, "match/never", "examples/observability/recording_rules.yml", "can never join"},
		{21, "match/never", "examples/observability/recording_rules.yml", "plugin_errors"},
		{23, "label/not-in-metric", "grafana/dashboards/mockforge-chaos.json", "trigger_type"},
		{24, "name/unknown-metric", "deploy/grafana/dashboards/mockforge-orchestration.json", "orchestration_progress"},
		{26, "label/not-in-metric", "grafana/dashboards/mockforge-workspace.json", "by (service)"},
		{28, "template/unit-format", "examples/observability/alerting_rules.yml", "hundredfold"},
		{29, "unit/panel", "examples/observability/grafana/dashboards/mockforge-comprehensive.json", "MiB"},
		{29, "unit/panel", "examples/grafana-dashboards/mockforge-overview.json", "MiB"},
		{30, "unit/threshold-scale", "examples/observability/alerting_rules.yml", "0.8"},
		{33, "alert/idle-series", "examples/observability/alerting_rules.yml", "idle combination"},
		{35, "hist/not-aggregated", "examples/observability/recording_rules.yml", "method"},
		{36, "dash/empty-share", "examples/observability/grafana/dashboards/mockforge-comprehensive.json", "No data"},
		{37, "slo/budget-inverted", "deploy/prometheus/slo/mockforge-slo.yml", "how much of the budget is used"},
		{42, "type/raw-counter", "examples/observability/grafana/dashboards/mockforge-comprehensive.json", "chaos_triggers"},
		{46, "panel/states", "grafana/dashboards/mockforge-chaos.json", "2 (error), 3 (chaos)"},
		{47, "type/rate-on-gauge", "grafana/dashboards/mockforge-async-protocols.json", "kafka"},
		{47, "type/rate-on-gauge", "grafana/dashboards/mockforge-chaos.json", "drift_breaking_changes"},
		{48, "range/clamped-denominator", "grafana/dashboards/mockforge-service-overview.json", "below 1"},
		{48, "range/clamped-denominator", "grafana/alerts/mockforge-alerts.yaml", "below 1"},
		{52, "name/missing-rule", "deploy/prometheus/slo/mockforge-slo.yml", "burn_rate_5m"},
		{52, "name/missing-rule", "deploy/prometheus/slo/mockforge-slo.yml", "burn_rate_30m"},
		{55, "metric/unused", "", "slo_compliance"},
		{56, "record/unused", "examples/observability/recording_rules.yml", "mockforge:"},
		{64, "dash/uid", "deploy/grafana/dashboards/mockforge-analytics.json", "no uid"},
	} {
		if !slices.ContainsFunc(fs, func(f diag.Finding) bool {
			return f.ID == d.id && (d.file == "" || f.At.File == d.file) && strings.Contains(f.Message, d.says)
		}) {
			t.Errorf("drift %d is not found: %s in %s", d.drift, d.id, d.file)
		}
	}
}

// TestCorpus lints public files without a catalog, each by itself, and counts what is found: a change of a count is to
// be looked at.
func TestCorpus(t *testing.T) {
	counts := map[string]int{}
	for _, d := range documents(t, optional.Corpus(t)) {
		if strings.HasPrefix(d.File.Path, "mockforge/") {
			continue
		}
		for _, f := range validate.NewSet([]*source.Document{d}, validate.Options{}).Run() {
			if f.ID == "record/unused" {
				continue
			}
			counts[d.File.Path+" "+f.ID]++
		}
	}
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(counts)) {
		fmt.Fprintf(&b, "%s %d\n", k, counts[k])
	}
	golden.File(t, "testdata/corpus.golden", []byte(b.String()))
}

// generated is a folder of so many rules and dashboards.
func generated(rules, boards, panels int) []*source.Document {
	var b strings.Builder
	b.WriteString("groups:\n")
	for i := range rules {
		if i%50 == 0 {
			fmt.Fprintf(&b, "  - name: group_%d\n    rules:\n", i)
		}
		switch i % 5 {
		case 0:
			fmt.Fprintf(&b, "      - record: method:requests_%d:rate5m\n        expr: sum by (method) (rate(app_requests_total{code=~\"5..\"}[5m]))\n", i)
		case 1:
			fmt.Fprintf(&b, "      - alert: A%d\n        expr: |\n          sum by (method) (rate(app_errors_total[5m]))\n          / sum by (method) (rate(app_requests_total[5m])) > 0.%d\n        for: 5m\n        annotations:\n          summary: '{{ $value | humanizePercentage }} of {{ $labels.method }} fail'\n", i, i%90+1)
		case 2:
			fmt.Fprintf(&b, "      - alert: A%d\n        expr: histogram_quantile(0.9, sum by (le, method) (rate(app_duration_seconds_bucket[5m]))) > %d\n        for: 5m\n", i, i%4)
		case 3:
			fmt.Fprintf(&b, "      - alert: A%d\n        expr: app_memory_bytes / app_limit_bytes > 0.9 and on (job, instance) app_queue_length > %d\n        for: 5m\n", i, i)
		case 4:
			fmt.Fprintf(&b, "      - alert: A%d\n        expr: method:requests_%d:rate5m > %d\n        for: 5m\n", i, i-4, i)
		}
	}
	docs := []*source.Document{source.Read("rules.yaml", []byte(b.String()))}
	for i := range boards {
		b.Reset()
		fmt.Fprintf(&b, `{"title": "Board %d", "uid": "b%d", "templating": {"list": [{"name": "job", "type": "query", "query": "label_values(up, job)", "multi": true, "refresh": 2}]}, "panels": [`, i, i)
		for p := range panels {
			if p > 0 {
				b.WriteString(",")
			}
			fmt.Fprintf(&b, `{"id": %d, "title": "Panel %d", "type": "timeseries", "fieldConfig": {"defaults": {"unit": "reqps"}}, "targets": [{"refId": "A", "expr": "sum by (method) (rate(app_requests_total{job=~\"$job\", code=~\"5..\"}[$__rate_interval]))", "legendFormat": "{{method}}"}]}`, p, p)
		}
		b.WriteString("]}")
		docs = append(docs, source.Read(fmt.Sprintf("b%d.json", i), []byte(b.String())))
	}
	return docs
}

// BenchmarkLint reads and checks 5,000 rules and 200 dashboards with 10,000 queries.
func BenchmarkLint(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		set := validate.NewSet(generated(5000, 200, 50), validate.Options{Catalog: metricsOfExamples, ScrapeInterval: 15 * time.Second})
		set.Run()
		if len(set.Queries) != 15000 {
			b.Fatalf("%d queries", len(set.Queries))
		}
	}
}

// BenchmarkLintRules reads and checks 5,000 rules alone.
func BenchmarkLintRules(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		validate.NewSet(generated(5000, 0, 0), validate.Options{Catalog: metricsOfExamples}).Run()
	}
}
