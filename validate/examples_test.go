package validate_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/catalog/external"
	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/infer"
	"github.com/obsgen/obsgen/source"
	"github.com/obsgen/obsgen/unit"
	"github.com/obsgen/obsgen/validate"
)

type (
	method struct{}
	code   struct{}
)

// The catalog of the examples.
var (
	Method = catalog.OneOf("method", "Verb.", catalog.V[method]("GET"), catalog.V[method]("PUT"), catalog.V[method]("POST"))
	Code   = catalog.Pattern[code](`[1-5]\d\d`, 20, "code", "Status.")

	group    = catalog.NewGroup("App", catalog.GroupSpec{Help: "An app.", Owner: "core"})
	Requests = catalog.NewCounter(group, "app_requests_total", catalog.By2(Method, Code), catalog.Spec{Help: "R.", Unit: unit.Requests})
	_        = catalog.NewCounter(group, "app_errors_total", catalog.By1(Method), catalog.Spec{Help: "E.", Unit: unit.Errors, PartOf: Requests})
	_        = catalog.NewHistogram(group, "app_duration_seconds", catalog.By1(Method), catalog.Spec{Help: "D.", Unit: unit.Seconds, Buckets: []float64{.1, .5, 1, 5}})
	_        = catalog.NewHistogram(group, "app_size_bytes", catalog.None{}, catalog.Spec{Help: "S.", Unit: unit.Bytes, Native: 1.1})
	_        = catalog.NewGauge(group, "app_queue_length", catalog.None{}, catalog.Spec{Help: "Q.", Unit: unit.Requests, Range: catalog.AtLeast(0)})
	_        = catalog.NewGauge(group, "app_memory_bytes", catalog.None{}, catalog.Spec{Help: "M.", Unit: unit.Bytes, Range: catalog.AtLeast(0)})
	_        = catalog.NewGauge(group, "app_limit_bytes", catalog.None{}, catalog.Spec{Help: "L.", Unit: unit.Bytes, Range: catalog.AtLeast(0)})
	_        = catalog.NewGauge(group, "app_uptime_seconds", catalog.None{}, catalog.Spec{Help: "U.", Unit: unit.Seconds, Range: catalog.AtLeast(0)})
	_        = catalog.NewGauge(group, "app_start_timestamp_seconds", catalog.None{}, catalog.Spec{Help: "T.", Unit: unit.Timestamp})
	_        = catalog.NewGauge(group, "app_cpu_percent", catalog.None{}, catalog.Spec{Help: "C.", Unit: unit.Percent, Range: catalog.Range{Min: 0, Max: 100}})
	_        = catalog.NewGauge(group, "app_fill_ratio", catalog.None{}, catalog.Spec{Help: "F.", Unit: unit.Ratio, Range: catalog.Range{Min: 0, Max: 1}})
	_        = catalog.NewGauge(group, "app_mode", catalog.None{}, catalog.Spec{Help: "Mode.", Unit: unit.State, Range: catalog.Range{Min: 0, Max: 2},
		States: []catalog.State{{Value: 0, Name: "healthy"}, {Value: 1, Name: "degraded"}, {Value: 2, Name: "chaos"}}})

	metricsOfExamples = catalog.New("app", catalog.CatalogSpec{Prefix: "app_", Groups: []*catalog.Group{group, external.Scrape, external.Alerts}})
)

// file returns an example as a whole file.
func file(of validate.Kind, text string) (name, content string) {
	indent := func(by, s string) string { return strings.ReplaceAll(s, "\n", "\n"+by) }
	switch of {
	case validate.PromQL:
		return "rules.yaml", "groups:\n  - name: g\n    rules:\n      - record: a:b:c\n        expr: |-\n          " + indent("          ", text) + "\n"
	case validate.Alert:
		return "rules.yaml", "groups:\n  - name: g\n    rules:\n      - " + indent("        ", text) + "\n"
	case validate.PanelOf:
		return "board.json", `{"title": "Board", "uid": "board", "panels": [` + text + `]}`
	case validate.WholeBoard:
		return "board.json", text
	}
	return "rules.yaml", text
}

func lint(files ...[2]string) []diag.Finding {
	var docs []*source.Document
	for _, f := range files {
		docs = append(docs, source.Read(f[0], []byte(f[1])))
	}
	return validate.NewSet(docs, validate.Options{Catalog: metricsOfExamples, ScrapeInterval: 15 * time.Second, Off: map[string]bool{"metric/unused": true}}).Run()
}

// TestExamples runs the example of every check: what is wrong must be found by that check, at a place within the file,
// and its mend must have no finding of any check.
func TestExamples(t *testing.T) {
	for _, c := range validate.All() {
		if c.Example.Wrong == "" {
			continue
		}
		t.Run(c.ID, func(t *testing.T) {
			name, text := file(c.Example.Of, c.Example.Wrong)
			var found []string
			for _, f := range lint([2]string{name, text}) {
				if f.ID == c.ID {
					if f.At.File != name || f.At.Line < 1 || f.At.Line > strings.Count(text, "\n")+1 || f.At.Col < 1 {
						t.Errorf("the finding is at %s", f.At)
					}
					if f.Message == "" || f.Mend == "" || f.Severity != c.Severity {
						t.Errorf("the finding is %+v", f)
					}
					return
				}
				found = append(found, fmt.Sprint(f))
			}
			t.Errorf("what is wrong is not found, but %q:\n%s", found, text)
		})
		t.Run(c.ID+"/mended", func(t *testing.T) {
			name, text := file(c.Example.Of, c.Example.Right)
			for _, f := range lint([2]string{name, text}) {
				if f.ID == c.ID || f.Severity == diag.Error {
					t.Errorf("the mend has %s\n%s", f, text)
				}
			}
		})
	}
}

// TestChecksAreDocumented wants of every check what explain and the docs print, and of the inference no fault without one.
func TestChecksAreDocumented(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range validate.All() {
		if seen[c.ID] {
			t.Errorf("two checks are called %s", c.ID)
		}
		seen[c.ID] = true
		if c.Title == "" || c.Why == "" || !strings.HasPrefix(c.Source, "https://") || !strings.Contains(c.ID, "/") {
			t.Errorf("%s is not documented", c.ID)
		}
	}
	for _, id := range infer.FaultIDs() {
		if !seen[id] {
			t.Errorf("the inference reports %s, which is no check", id)
		}
	}
	t.Logf("%d checks", len(seen))
}
