package external_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/catalog/external"
)

func TestGroupsAreSound(t *testing.T) {
	for _, f := range catalog.New("external", catalog.CatalogSpec{Groups: external.All()}).Check() {
		t.Error(f)
	}
	for _, g := range external.All() {
		if !g.External || g.Owner == "" || g.Help == "" || len(g.Metrics()) == 0 {
			t.Errorf("group %s: %+v with %d metrics", g.Title, g.GroupSpec, len(g.Metrics()))
		}
		for _, m := range g.Metrics() {
			if m.Help == "" || !m.Unit.IsKnown() || m.Kind == catalog.KindGauge && m.Range.IsZero() {
				t.Errorf("%s lacks help, unit or range", m.Name)
			}
		}
	}
}

// TestCollectorsAgree compares the process and runtime groups with what client_golang's collectors expose.
func TestCollectorsAgree(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the process collector exposes all its metrics on Linux only")
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	want, got := map[string]string{}, map[string]string{}
	for _, f := range families {
		if f.GetType().String() == "SUMMARY" { // go_gc_duration_seconds; the catalog has no summaries
			continue
		}
		line := strings.ToLower(f.GetType().String())
		for _, l := range f.GetMetric()[0].GetLabel() {
			line += " " + l.GetName()
		}
		want[f.GetName()] = line
	}
	for _, g := range []*catalog.Group{external.Process, external.GoRuntime} {
		for _, m := range g.Metrics() {
			got[m.Name] = string(m.Kind)
			for _, l := range m.Labels {
				got[m.Name] += " " + l.Name
			}
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("exposed (-) and declared (+):\n%s", d)
	}
}

// TestServerMetricsAgree asserts what Prometheus documents of the series that it writes itself.
func TestServerMetricsAgree(t *testing.T) {
	want := map[string]string{
		"up": "", "scrape_duration_seconds": "", "scrape_samples_scraped": "",
		"scrape_samples_post_metric_relabeling": "", "scrape_series_added": "",
		"ALERTS": "alertname alertstate severity", "ALERTS_FOR_STATE": "alertname severity",
	}
	got := map[string]string{}
	for _, g := range []*catalog.Group{external.Scrape, external.Alerts} {
		for _, m := range g.Metrics() {
			var names []string
			for _, l := range m.Labels {
				names = append(names, l.Name)
			}
			got[m.Name] = strings.Join(names, " ")
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("documented (-) and declared (+):\n%s", d)
	}
}
