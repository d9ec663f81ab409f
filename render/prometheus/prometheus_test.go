package prometheus_test

import (
	"path"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/internal/golden"
	"github.com/obsgen/obsgen/plan"
	"github.com/obsgen/obsgen/project"
	"github.com/obsgen/obsgen/query"
	"github.com/obsgen/obsgen/render/prometheus"
)

func expr(t *testing.T, text string) plan.Expr {
	t.Helper()
	e, err := query.ParseText(text)
	if err != nil {
		t.Fatal(err)
	}
	return plan.Expr{Tree: e}
}

// awkward are texts that YAML, a template or a reader could take for something else.
var awkward = []string{
	"yes", "y", "Off", "1:30", "12:30:45", "null", "~", "1e3", "0x1f", "2024-01-01", "a: b", "a #b", "- a", "'single' and \"double\"", "{{ $value }} of {{ $labels.path }}", "| literal", "> folded",
	"trailing blank ", " leading blank", "two\nlines", "two\n\n  lines\n", "tab\there", "über 5 µs – «x»", `back\slash`, "%v", "@at", "*star", "&and", "!bang", "[list]", "", "emoji 🚀",
}

// sample is a plan with every key that a file can have.
func sample(t *testing.T) *plan.Plan {
	g := &plan.Group{Name: "cafe", Help: "Orders of the café", Owner: "kitchen", Interval: 90 * time.Second, Offset: time.Minute, Limit: 100}
	record := &plan.Rule{Group: g, Record: "drink:cafe_orders:rate5m", Expr: expr(t, `sum by (drink) (rate(cafe_orders_total{size=~"large|\"hot\""}[5m]))`), Why: "Two alerts read it.", Labels: map[string]string{"tier": "gold"}}
	alert := &plan.Rule{
		Group: g, Expr: expr(t, `drink:cafe_orders:rate5m > 1.5`), Labels: map[string]string{"severity": "warning", "owner": "kitchen", "answer": "yes"},
		Alert: &plan.Alert{
			Name: "CafeBusy", For: 90 * time.Minute, KeepFiringFor: 36 * time.Hour, Means: "People wait.", RunbookURL: "https://runbooks.example/CafeBusy.md",
			Summary: "{{ $value | humanize }} orders: too many", Description: "Two\nlines, and a # that is no comment",
		},
	}
	g.Rules = []*plan.Rule{record, alert}
	return &plan.Plan{
		Groups: []*plan.Group{g},
		Profile: project.Profile{
			Name: "berlin", Job: "cafe", Targets: []string{"cafe:9090"}, Alertmanagers: []string{"alerts:9093"}, Cluster: "berlin",
			ScrapeInterval: 15 * time.Second, EvaluationInterval: time.Minute, Labels: map[string]string{"zone": "on"}, GrafanaURL: "https://grafana.example/",
		},
	}
}

func TestGolden(t *testing.T) {
	files, err := prometheus.Render(sample(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		golden.File(t, path.Join("testdata", path.Base(f.Path)), f.Data)
	}
}

// TestOlderReaders looks for texts that YAML 1.1 reads as booleans: Helm does.
func TestOlderReaders(t *testing.T) {
	files, err := prometheus.Render(sample(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		for _, bad := range []string{"answer: yes", "zone: on\n"} {
			if strings.Contains(string(f.Data), bad) {
				t.Errorf("%s: %q is a boolean to some", f.Path, bad)
			}
		}
	}
}

// TestTextsSurvive lets Prometheus read what is written of awkward texts, and compares them.
func TestTextsSurvive(t *testing.T) {
	p := sample(t)
	g := p.Groups[0]
	g.Help = "What #is: this\nfor?"
	g.Rules = nil
	for _, text := range awkward {
		g.Rules = append(g.Rules, &plan.Rule{
			Group: g, Expr: expr(t, `up == 0`), Labels: map[string]string{"text": text},
			Alert: &plan.Alert{Name: "A", Summary: text, Description: "d " + text, Means: text},
		})
	}
	files, err := prometheus.Render(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !strings.Contains(f.Path, "/rules/") {
			continue
		}
		read, errs := rulefmt.Parse(f.Data, false, model.UTF8Validation, parser.NewParser(parser.Options{}), promslog.NewNopLogger())
		// Prometheus wants every template to be valid; those here are.
		for _, err := range errs {
			t.Errorf("%v\n%s", err, f.Data)
		}
		if read == nil {
			continue
		}
		for i, r := range read.Groups[0].Rules {
			want := map[string]string{"summary": awkward[i], "description": "d " + awkward[i]}
			if awkward[i] == "" {
				delete(want, "summary")
			}
			if d := cmp.Diff(want, r.Annotations); d != "" {
				t.Error(d)
			}
			if got := r.Labels["text"]; got != awkward[i] {
				t.Errorf("label %q became %q", awkward[i], got)
			}
		}
	}
}
