package diff_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diff"
	"github.com/obsgen/obsgen/source"
)

// state is a project in files: metrics as JSON, rules as the lines of a group, panels by title with their queries.
type state struct {
	metrics string
	rules   string
	panels  string
}

func (s state) read(t *testing.T) diff.Side {
	t.Helper()
	files := map[string][]byte{}
	if s.metrics != "" {
		files[diff.CatalogFile] = []byte(`{"name": "app", "metrics": [` + s.metrics + `]}`)
	}
	if s.rules != "" {
		files["rules.yaml"] = []byte("groups:\n- name: g\n  rules:\n" + s.rules)
	}
	if s.panels != "" {
		files["board.json"] = []byte(`{"uid": "app", "title": "App", "schemaVersion": 42, "panels": [` + s.panels + `], "templating": {"list": [{"name": "job", "type": "query", "query": "label_values(job)"}]}}`)
	}
	side, err := diff.Read(files)
	if err != nil {
		t.Fatal(err)
	}
	return side
}

func metric(name, kind, unit string, labels ...string) string {
	var ls []string
	for _, l := range labels {
		name, values, closed := strings.Cut(l, "=")
		if closed {
			data, _ := json.Marshal(strings.Split(values, "|")) // strings always have a form
			ls = append(ls, fmt.Sprintf(`{"name": %q, "values": %s}`, name, data))
		} else {
			ls = append(ls, fmt.Sprintf(`{"name": %q, "max": 10}`, name))
		}
	}
	return fmt.Sprintf(`{"name": %q, "type": %q, "help": "About %s.", "unit": %q, "series": 10, "labels": [%s]}`, name, kind, name, unit, strings.Join(ls, ","))
}

func panel(id int, title, expr string) string {
	data, _ := json.Marshal(expr)
	return fmt.Sprintf(`{"id": %d, "type": "timeseries", "title": %q, "targets": [{"refId": "A", "expr": %s}]}`, id, title, data)
}

func alert(name, expr, more string) string {
	return "  - alert: " + name + "\n    expr: '" + expr + "'\n" + more
}

func record(name, expr string) string { return "  - record: " + name + "\n    expr: '" + expr + "'\n" }

func TestCompare(t *testing.T) {
	requests := metric("app_requests_total", "counter", "requests", "status=ok|bad", "path")
	for _, c := range []struct {
		name          string
		before, after state
		want          []string
	}{
		{"nothing", state{metrics: requests, rules: alert("A", "a > 1", ""), panels: panel(1, "P", "a")}, state{metrics: requests, rules: alert("A", "a > 1", ""), panels: panel(1, "P", "a")}, nil},
		{
			"written differently",
			state{rules: alert("A", `sum by (b, a) (x{q="1",p="2"}) > 1`, ""), panels: panel(1, "P", `a{job="$job"} + b`)},
			state{rules: alert("A", `1 < sum by (a, b) (x{p="2",q="1"})`, ""), panels: panel(1, "P", `b + a{job="$job"}`)}, nil,
		},
		{
			"metric gone", state{metrics: requests, rules: alert("A", "rate(app_requests_total[5m]) > 1", "") + alert("B", "b > 1", ""), panels: panel(1, "P", "app_requests_total")},
			state{metrics: metric("app_other", "gauge", ""), rules: alert("A", "rate(app_requests_total[5m]) > 1", "") + alert("B", "b > 1", ""), panels: panel(1, "P", "app_requests_total")},
			[]string{"! metric app_requests_total: it is gone [panel App / P, alert A]", "metric app_other: it is new: a gauge, of at most 10 series for each target"},
		},
		{
			"label gone", state{metrics: requests, rules: record("r", `sum by (path) (app_requests_total)`) + alert("A", `app_requests_total{status="bad"} > 1`, "")},
			state{metrics: metric("app_requests_total", "counter", "requests", "status=ok|bad"), rules: record("r", `sum by (path) (app_requests_total)`) + alert("A", `app_requests_total{status="bad"} > 1`, "")},
			[]string{"! metric app_requests_total: the label path is gone [recording rule r]"},
		},
		{
			"label added, and joined by another", state{metrics: requests, rules: alert("A", "app_requests_total / app_limit > 1", "") + alert("B", "sum(app_requests_total) / sum(app_limit) > 1", "") + alert("C", "app_requests_total and on (job) up", "")},
			state{metrics: metric("app_requests_total", "counter", "requests", "status=ok|bad", "path", "zone"), rules: alert("A", "app_requests_total / app_limit > 1", "") + alert("B", "sum(app_requests_total) / sum(app_limit) > 1", "") + alert("C", "app_requests_total and on (job) up", "")},
			[]string{"! metric app_requests_total: it has the label zone [alert A]"},
		},
		{
			"label added, and nobody joins it", state{metrics: requests, panels: panel(1, "P", "sum(app_requests_total)")}, state{metrics: metric("app_requests_total", "counter", "requests", "status=ok|bad", "path", "zone"), panels: panel(1, "P", "sum(app_requests_total)")},
			[]string{"metric app_requests_total: it has the label zone"},
		},
		{
			"value gone", state{metrics: requests, panels: panel(1, "P", `app_requests_total{status="bad"}`) + "," + panel(2, "Q", `app_requests_total{status="ok"}`)},
			state{metrics: metric("app_requests_total", "counter", "requests", "status=ok|failed", "path"), panels: panel(1, "P", `app_requests_total{status="bad"}`) + "," + panel(2, "Q", `app_requests_total{status="ok"}`)},
			[]string{`! metric app_requests_total: the label status is never "bad" any more [panel App / P]`, `metric app_requests_total: the label status can be "failed"`},
		},
		{
			"type and unit", state{metrics: metric("app_size", "gauge", "bytes")}, state{metrics: metric("app_size", "counter", "MiB")},
			[]string{"! metric app_size: it is a counter, and was a gauge", "! metric app_size: its unit is MiB, and was bytes"},
		},
		{
			"alerts", state{rules: alert("Looser", "a > 5", "") + alert("Stricter", "a > 5", "") + alert("Other", "a > 5", "") + alert("Gone", "a > 5", "") + alert("Waits", "a > 5", "    for: 5m\n    labels: {severity: warning}\n")},
			state{rules: alert("Looser", "a > 4", "") + alert("Stricter", "a > 5 and b", "") + alert("Other", "b > 5", "") + alert("New", "a > 5", "") + alert("Waits", "a > 5", "    for: 1m\n    labels: {severity: critical}\n")},
			[]string{
				"alert Looser: it fires for more than it did", "alert Stricter: it fires for less than it did", "alert Other: it fires for something else", "! alert Gone: it is gone",
				"alert Waits: it fires sooner", "alert Waits: its label severity is critical", "alert New: it is new",
			},
		},
		{
			"recorded series", state{rules: record("r", "a") + record("s", "b"), panels: panel(1, "P", "r") + "," + panel(2, "Q", "s")}, state{rules: record("s", "b * 2"), panels: panel(1, "P", "r") + "," + panel(2, "Q", "s")},
			[]string{"! recording rule r: it is gone [panel App / P]", "recording rule s: its expression is another [panel App / Q]"},
		},
		{
			"panels", state{panels: panel(1, "P", "a") + "," + panel(2, "Q", "b") + "," + panel(3, "R", "c")}, state{panels: panel(1, "Renamed", "a") + "," + panel(3, "R", "d") + "," + panel(4, "New", "e")},
			[]string{"panel App / Q: it is gone", "panel App / Renamed: it has another title", "panel App / R: it shows other queries", "panel App / New: it is new"},
		},
		{"dashboard", state{panels: panel(1, "P", "a"), rules: alert("A", "a", "")}, state{rules: alert("A", "a", "")}, []string{"! dashboard App: it is gone"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, x := range diff.Compare(c.before.read(t), c.after.read(t), nil).Changes {
				s := x.Kind + " " + x.Name + ": " + x.What
				if x.Breaking {
					s = "! " + s
				}
				var hits []string
				for _, h := range x.Hits {
					hits = append(hits, h.Kind+" "+h.Name)
				}
				if len(hits) > 0 {
					s += " [" + strings.Join(hits, ", ") + "]"
				}
				got = append(got, s)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestRename renames metrics, and looks whether their old names are kept by what Prometheus takes for rules.
func TestRename(t *testing.T) {
	others := []*source.Document{source.Read("theirs.json", []byte(`{"title": "Theirs", "panels": [`+panel(1, "P", "histogram_quantile(0.9, rate(app_request_seconds_bucket[5m]))")+`]}`))}
	before := state{metrics: metric("app_requests", "counter", "requests", "path") + "," + metric("app_request_seconds", "histogram", "s") + "," + metric("app_idle", "gauge", "")}
	after := state{metrics: metric("app_requests_total", "counter", "requests", "path") + "," + metric("app_request_duration_seconds", "histogram", "s") + "," + metric("app_sleep", "gauge", "things")}
	r := diff.Compare(before.read(t), after.read(t), others)
	if d := cmp.Diff([]diff.Rename{{Old: "app_requests", New: "app_requests_total", Type: "counter"}, {Old: "app_request_seconds", New: "app_request_duration_seconds", Type: "histogram"}}, r.Renames); d != "" {
		t.Fatal(d)
	}
	hit := false
	for _, c := range r.Changes {
		hit = hit || c.Name == "app_request_seconds" && len(c.Hits) == 1 && c.Hits[0].File == "theirs.json"
	}
	if !hit || !r.Breaking() {
		t.Errorf("the panel of others is not hit: %+v", r.Changes)
	}
	text := r.Shims("2027-01-31")
	groups, errs := rulefmt.Parse([]byte(text), false, model.UTF8Validation, parser.NewParser(parser.Options{}), promslog.NewNopLogger())
	if len(errs) > 0 {
		t.Fatalf("%v\n%s", errs, text)
	}
	var got []string
	for _, rule := range groups.Groups[0].Rules {
		got = append(got, rule.Record+" = "+rule.Expr)
	}
	want := []string{
		"app_requests = app_requests_total", "app_request_seconds_bucket = app_request_duration_seconds_bucket", "app_request_seconds_sum = app_request_duration_seconds_sum",
		"app_request_seconds_count = app_request_duration_seconds_count",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	for _, w := range []string{diff.Expires + " 2027-01-31", "regex: app_request_duration_seconds(_bucket|_sum|_count)", "replacement: app_request_seconds$1"} {
		if !strings.Contains(text, w) {
			t.Errorf("no %s in\n%s", w, text)
		}
	}
	if none := diff.Compare(before.read(t), before.read(t), nil).Shims("2027-01-31"); none != "" {
		t.Errorf("shims of nothing: %s", none)
	}
}

// FuzzRead looks for catalogs that are read and then cannot be compared.
func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"name": "app", "metrics": [` + metric("a", "histogram", "s", "b=c|d", "e") + `]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := diff.Read(map[string][]byte{diff.CatalogFile: data})
		if err != nil {
			return
		}
		r := diff.Compare(s, s, nil)
		for _, c := range r.Changes {
			if c.Breaking && len(s.Catalog.Metrics) < 2 {
				t.Errorf("compared with itself: %+v", c)
			}
		}
		var b strings.Builder
		if r.Text(&b) != nil || r.Markdown(&b) != nil {
			t.Error("it cannot be written")
		}
	})
}
