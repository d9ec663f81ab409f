package validate_test

import (
	"fmt"
	"regexp"
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
	method  struct{}
	code    struct{}
	version struct{}
)

// The catalog of the examples.
var (
	Method = catalog.OneOf("method", "Verb.", catalog.V[method]("GET"), catalog.V[method]("PUT"), catalog.V[method]("POST"))
	Code   = catalog.Pattern[code](`[1-5]\d\d`, 20, "code", "Status.")

	Version = catalog.AtMost[version](10, "version", "Build.")

	group    = catalog.NewGroup("App", catalog.GroupSpec{Help: "An app.", Owner: "core"})
	Requests = catalog.NewCounter(group, "app_requests_total", catalog.By2(Method, Code), catalog.Spec{Help: "R.", Unit: unit.Requests})
	_        = catalog.NewCounter(group, "app_errors_total", catalog.By1(Method), catalog.Spec{Help: "E.", Unit: unit.Errors, PartOf: Requests})
	_        = catalog.NewCounter(group, "app_retries_total", catalog.By1(Method), catalog.Spec{Help: "R.", Unit: unit.Requests, Initialised: true})
	_        = catalog.NewHistogram(group, "app_duration_seconds", catalog.By1(Method), catalog.Spec{Help: "D.", Unit: unit.Seconds, Buckets: []float64{.1, .5, 1, 5}})
	_        = catalog.NewHistogram(group, "app_size_bytes", catalog.None{}, catalog.Spec{Help: "S.", Unit: unit.Bytes, Native: 1.1})
	_        = catalog.NewGauge(group, "app_queue_length", catalog.None{}, catalog.Spec{Help: "Q.", Unit: unit.Requests, Range: catalog.AtLeast(0)})
	_        = catalog.NewGauge(group, "app_memory_bytes", catalog.None{}, catalog.Spec{Help: "M.", Unit: unit.Bytes, Range: catalog.AtLeast(0)})
	_        = catalog.NewGauge(group, "app_limit_bytes", catalog.None{}, catalog.Spec{Help: "L.", Unit: unit.Bytes, Range: catalog.AtLeast(0)})
	_        = catalog.NewGauge(group, "app_uptime_seconds", catalog.None{}, catalog.Spec{Help: "U.", Unit: unit.Seconds, Range: catalog.AtLeast(0)})
	_        = catalog.NewGauge(group, "app_start_timestamp_seconds", catalog.None{}, catalog.Spec{Help: "T.", Unit: unit.Timestamp})
	_        = catalog.NewGauge(group, "app_cpu_percent", catalog.None{}, catalog.Spec{Help: "C.", Unit: unit.Percent, Range: catalog.Range{Min: 0, Max: 100}})
	_        = catalog.NewHistogram(group, "app_drift_seconds", catalog.None{}, catalog.Spec{Help: "Drift.", Unit: unit.Seconds, Buckets: []float64{-1, 0, 1}})
	_        = catalog.NewCounter(group, "app_cpu_seconds_total", catalog.None{}, catalog.Spec{Help: "CPU.", Unit: unit.Seconds})
	_        = catalog.NewCounter(group, "app_sent_bytes_total", catalog.None{}, catalog.Spec{Help: "Sent.", Unit: unit.Bytes})
	_        = catalog.NewGauge(group, "app_temperature_celsius", catalog.None{}, catalog.Spec{Help: "Heat.", Unit: unit.Celsius})
	_        = catalog.NewGauge(group, "app_wait_milliseconds", catalog.None{}, catalog.Spec{Help: "Wait.", Unit: unit.Milliseconds, Range: catalog.AtLeast(0), Naming: diag.Waiver("old")})
	_        = catalog.NewGauge(group, "app_build_info", catalog.By1(Version), catalog.Spec{Help: "Build.", Unit: unit.One, Range: catalog.Range{Min: 1, Max: 1}})
	_        = catalog.NewGauge(group, "app_fill_ratio", catalog.None{}, catalog.Spec{Help: "F.", Unit: unit.Ratio, Range: catalog.Range{Min: 0, Max: 1}})
	_        = catalog.NewGauge(group, "app_mode", catalog.None{}, catalog.Spec{Help: "Mode.", Unit: unit.State, Range: catalog.Range{Min: 0, Max: 2},
		States: []catalog.State{{Value: 0, Name: "healthy"}, {Value: 1, Name: "degraded"}, {Value: 2, Name: "chaos"}}})

	metricsOfExamples = catalog.New("app", catalog.CatalogSpec{Prefix: "app_", Groups: []*catalog.Group{group, external.Scrape, external.Alerts}})
)

// optionsOfExamples are those of a team that asks for much.
var optionsOfExamples = validate.Options{
	Catalog: metricsOfExamples, ScrapeInterval: 15 * time.Second, Off: map[string]bool{"metric/unused": true},
	Severities: requested(),
	Server:     validate.Server{Version: [2]int{3, 5}, Features: []string{}, EvaluationInterval: time.Minute, Retention: 30 * 24 * time.Hour, Lookback: 5 * time.Minute, ExternalLabels: []string{"cluster"}},
	Policy: validate.Policy{
		Annotations:    map[string]*regexp.Regexp{"runbook_url": regexp.MustCompile(`^(?:https://.*)$`)},
		RejectedLabels: map[string]*regexp.Regexp{"severity": regexp.MustCompile(`^(?:info)$`)},
		AlertName:      regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`), RecordName: regexp.MustCompile(`^[a-z0-9_:]*$`),
		For: validate.Bounds{Max: 24 * time.Hour}, KeepFiringFor: validate.Bounds{Max: 24 * time.Hour}, Interval: validate.Bounds{Min: 10 * time.Second},
		MaxRules: 5, MaxWindow: 31 * 24 * time.Hour, RequiredMatchers: []string{"env"}, KeptLabels: []string{"region"},
		DeniedLabels: []string{"pod_ip"}, SensitiveLabels: []string{"email"}, DeniedMetrics: regexp.MustCompile(`^(?:debug_.*)$`),
		MetricPrefix: "app_", MaxSeries: 50, MaxMetricSeries: 2, MaxDashboardSamples: 10_000_000,
	},
}

// requested gives their own severity to the checks that run on request.
func requested() map[string]diag.Severity {
	out := map[string]diag.Severity{}
	for _, c := range validate.All() {
		if c.OnRequest {
			out[c.ID] = c.Severity
		}
	}
	return out
}

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
	case validate.Exposed:
		return "metrics.prom", text
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

// lintAsked is lint by a team that asks for much.
func lintAsked(files ...[2]string) []diag.Finding {
	var docs []*source.Document
	for _, f := range files {
		docs = append(docs, source.Read(f[0], []byte(f[1])))
	}
	return validate.NewSet(docs, optionsOfExamples).Run()
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
			for _, f := range lintAsked([2]string{name, text}) {
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
			for _, f := range lintAsked([2]string{name, text}) {
				if f.ID == c.ID {
					t.Errorf("the mend has %s\n%s", f, text)
				}
			}
			for _, f := range lint([2]string{name, text}) {
				if f.Severity == diag.Error {
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
