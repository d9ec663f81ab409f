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
