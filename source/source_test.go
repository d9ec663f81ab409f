package source

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/internal/testkit/optional"
)

// queries returns all queries of a document.
func queries(d *Document) []*Query {
	var out []*Query
	for _, g := range d.Groups {
		for _, r := range g.Rules {
			out = append(out, r.Queries...)
		}
	}
	for _, b := range d.Dashboards {
		for _, p := range b.Panels {
			for _, t := range p.Targets {
				out = append(out, t.Query)
			}
		}
		for _, a := range b.Annotations {
			out = append(out, a.Query)
		}
	}
	return out
}

// misplaced returns the first byte of a text whose place in the file holds another one.
func misplaced(t Text) string {
	for i := range len(t.Value) {
		at := t.offset(i)
		if at < 0 || at >= len(t.file.Data) {
			return fmt.Sprintf("byte %d of %q is beyond the file", i, t.Value)
		}
		said, stands := t.Value[i], t.file.Data[at]
		switch {
		case said == stands, stands == '\\': // an escape
		case said == ' ' && (stands == '\n' || stands == '\r'), said == '\n':
		case said >= 0x80: // an escaped rune
		default:
			return fmt.Sprintf("byte %d of %q is %q in the file", i, t.Value, stands)
		}
	}
	return ""
}

// TestCorpus reads public files: every query that is one parses, and stands where it is said to.
func TestCorpus(t *testing.T) {
	corpus := optional.Corpus(t)
	// What does not parse is no PromQL: MetricsQL of VictoriaMetrics, a range where an instant is wanted, tests of parsers.
	broken := map[string]int{
		"dashboards/pyrra-detail.json": 1, "dashboards/victoriametrics-vmalert.json": 1, "rules/rulefmt-bad_expr.bad.yaml": 1,
	}
	// Fields that Prometheus refuses, or only another ruler reads.
	odd := map[string]int{"rules/promtool-rules-extrafields.yml": 2, "rules/rulefmt-record_and_for.bad.yaml": 1, "rules/victoriametrics-cluster.yml": 1}
	boards, groups, asked := 0, 0, 0
	err := filepath.WalkDir(corpus, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.Contains(p, "expositions") {
			return err
		}
		data, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(corpus, p)
		if err != nil {
			return err
		}
		doc := Read(name, data)
		boards, groups = boards+len(doc.Dashboards), groups+len(doc.Groups)
		faults := 0
		for _, q := range queries(doc) {
			asked++
			if why := misplaced(q.Text); why != "" {
				t.Errorf("%s: %s", name, why)
			}
			if q.Fault != nil {
				faults++
				if broken[name] == 0 {
					t.Errorf("%s: %s in %s", q.Fault.At, q.Fault.Message, q.Text.Value)
				}
			}
		}
		if faults != broken[name] {
			t.Errorf("%s: %d queries do not parse, want %d", name, faults, broken[name])
		}
		if len(doc.Findings) != odd[name] && filepath.Ext(name) != ".md" {
			t.Errorf("%s: %q, want %d findings", name, doc.Findings, odd[name])
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d dashboards, %d groups, %d queries", boards, groups, asked)
	if boards < 80 || groups < 130 || asked < 13000 {
		t.Errorf("%d dashboards, %d groups, %d queries were read", boards, groups, asked)
	}
}

// TestScalarPositions finds a metric's name in every way in which YAML writes a text.
func TestScalarPositions(t *testing.T) {
	for name, expr := range map[string]string{
		"plain":             "expr: sum(rate(here[5m]))",
		"plain, folded":     "expr: sum(\n            rate(here[5m]))",
		"single quotes":     "expr: 'sum(rate(here{a=\"it''s\"}[5m]))'",
		"double quotes":     `expr: "sum(rate(x{a=\"\u00e4\"}[5m])) + here"`,
		"double, continued": "expr: \"sum(up) + \\\n          here\"",
		"literal":           "expr: |\n          sum(\n            rate(here[5m])\n          )",
		"literal, indented": "expr: |2\n              sum(\n                rate(here[5m])\n              )",
		"folded":            "expr: >-\n          sum(\n          rate(here[5m])\n          )",
		"after a comment":   "expr: |  # why\n          here > 1",
		"tagged":            "expr: !!str here > 1",
		"anchored":          "expr: &e here > 1",
		"umlauts before":    "expr: 'up{a=\"äöü\"} + here'",
	} {
		data := "groups:\n  - name: g\n    rules:\n      - record: a:b:c\n        " + expr + "\n"
		d := Read("rules.yaml", []byte(data))
		qs := queries(d)
		if len(qs) != 1 || qs[0].Expr == nil {
			t.Errorf("%s: %d queries, %v", name, len(qs), d.Findings)
			continue
		}
		found := false
		parser.Inspect(qs[0].Expr, func(n parser.Node, _ []parser.Node) error {
			if vs, ok := n.(*parser.VectorSelector); ok && vs.Name == "here" {
				at := qs[0].Position(vs)
				lines := strings.Split(data, "\n")
				if !strings.HasPrefix(lines[at.Line-1][at.Col-1:], "here") || lines[at.Line-1][at.Col-1 : at.EndCol-1][:4] != "here" {
					t.Errorf("%s: here is said to be at %s", name, at)
				}
				found = true
			}
			return nil
		})
		if !found {
			t.Errorf("%s: %s", name, qs[0].Expr)
		}
		if why := misplaced(qs[0].Text); why != "" {
			t.Errorf("%s: %s", name, why)
		}
	}
}

// TestVariables replaces Grafana's variables by what parses where they stand.
func TestVariables(t *testing.T) {
	for text, want := range map[string]string{
		`rate(x[$__rate_interval])`:                     `rate(x[5m])`,
		`rate(x[${interval}])`:                          `rate(x[5m])`,
		`rate(x[[[interval]]])`:                         `rate(x[5m])`,
		`rate(x[${n}m])`:                                `rate(x[5m])`,
		`max_over_time(x[$__range:$step])`:              `max_over_time(x[1h:5m])`,
		`x offset $lag`:                                 `x offset 5m`,
		`x{job=~"$job", instance=~"${instance:regex}"}`: `x{instance=~"${instance:regex}",job=~"$job"}`,
		`x{job=~"[[job]]"}`:                             `x{job=~"$job"}`,
		`sum by ($group) (x)`:                           `sum by (variable_0) (x)`,
		`$metric{job="a"}`:                              `any:variable_0{job="a"}`,
		`${metric}_total{job="a"}`:                      `any:variable_0{job="a"}`,
		`node_${what}_bytes`:                            `any:variable_0`,
		`$agg(x)`:                                       `sum(x)`,
		`$fn(x[5m])`:                                    `rate(x[5m])`,
		`$agg by (job) (x)`:                             `sum by (job) (x)`,
		`topk($n, x)`:                                   `topk(1, x)`,
		`x > $limit`:                                    `x > 1`,
		`x * $factor / ${other}`:                        `x * 1 / 1`,
		`histogram_quantile($q, sum by (le) (rate(x_bucket[5m])))`: `histogram_quantile(1, sum by (le) (rate(x_bucket[5m])))`,
		`clamp_max(x, $top)`:                      `clamp_max(x, 1)`,
		`sum(increase(x[$__range])) / $__range_s`: `sum(increase(x[1h])) / 3600`,
		`$expr`: `any:variable_0`,
		`label_replace(x, "a", "$1", "b", "(.*)")`:                        `label_replace(x, "a", "$1", "b", "(.*)")`,
		"x # a comment with $job\n+ 1":                                    `x + 1`,
		`x{$label="a"}`:                                                   `x{variable_0="a"}`,
		`sum(x) by (${group:csv})`:                                        `sum by (variable_0) (x)`,
		`rate(x[$__interval]) * on (job) group_left ($extra) target_info`: `rate(x[1m]) * on (job) group_left (variable_1) target_info`,
	} {
		f := NewFile("board.json", []byte(text))
		q := NewQuery(f.Whole(), true)
		if q.Fault != nil {
			t.Errorf("%s: %s", text, q.Fault.Message)
			continue
		}
		if d := cmp.Diff(want, q.Expr.String()); d != "" {
			t.Errorf("%s: %s", text, d)
		}
		// What was not replaced stands where it was.
		parser.Inspect(q.Expr, func(n parser.Node, _ []parser.Node) error {
			if vs, ok := n.(*parser.VectorSelector); ok && vs.Name == "x" {
				if at := q.Position(vs); text[at.Col-1] != 'x' && at.Line == 1 {
					t.Errorf("%s: x is said to be at %s", text, at)
				}
			}
			return nil
		})
	}
}

// TestKinds recognises files by what they hold.
func TestKinds(t *testing.T) {
	const rules = "groups:\n  - name: g\n    rules:\n      - {record: a:b:c, expr: up}\n"
	manifest := "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: {name: a}\nspec:\n  " + strings.ReplaceAll(rules, "\n", "\n  ")
	const panel = `{"title": "P", "type": "stat", "datasource": {"type": "prometheus", "uid": "x"}, "targets": [{"expr": "up"}, {"expr": "logs", "datasource": {"type": "loki"}}]}`
	board := `{"title": "B", "panels": [` + panel + `]}`
	for _, c := range []struct {
		name, file, data string
		want             string
	}{
		{"rules", "r.yaml", rules, "1 groups, 0 dashboards, 1 queries"},
		{"rules as JSON", "r.json", `{"groups": [{"name": "g", "rules": [{"record": "a:b:c", "expr": "up"}]}]}`, "1 groups, 0 dashboards, 1 queries"},
		{"a manifest", "r.yaml", manifest, "1 groups, 0 dashboards, 1 queries"},
		{"several documents", "r.yaml", manifest + "\n---\n" + manifest, "2 groups, 0 dashboards, 2 queries"},
		{"a list", "r.yaml", "kind: List\nitems:\n  - " + strings.ReplaceAll(manifest, "\n", "\n    "), "1 groups, 0 dashboards, 1 queries"},
		{"a chart's values", "values.yaml", "a:\n  rules:\n    mine:\n      " + strings.ReplaceAll(rules, "\n", "\n      "), "1 groups, 0 dashboards, 1 queries"},
		{"a dashboard", "d.json", board, "0 groups, 1 dashboards, 1 queries"},
		{"in an API's wrapper", "d.json", `{"meta": {}, "dashboard": ` + board + `}`, "0 groups, 1 dashboards, 1 queries"},
		{"of Kubernetes", "d.json", `{"kind": "Dashboard", "metadata": {"name": "x"}, "spec": ` + board + `}`, "0 groups, 1 dashboards, 1 queries"},
		{"in a row", "d.json", `{"title": "B", "panels": [{"type": "row", "panels": [` + panel + `]}]}`, "0 groups, 1 dashboards, 1 queries"},
		{"in old rows", "d.json", `{"title": "B", "rows": [{"panels": [` + panel + `]}]}`, "0 groups, 1 dashboards, 1 queries"},
		{"in a ConfigMap", "c.yaml", "kind: ConfigMap\ndata:\n  a.json: |\n    " + board + "\n", "0 groups, 1 dashboards, 1 queries"},
		{"of the second form", "d.json", `{"kind": "Dashboard", "spec": {"title": "B", "layout": {}, "elements": {"p": {"kind": "Panel", "spec": {"title": "P", "data": {"spec": {"queries": [{"spec": {"refId": "A", "query": {"group": "prometheus", "spec": {"expr": "up"}}}}]}}}}}}}`, "0 groups, 1 dashboards, 1 queries"},
		{"Grafana's rules", "g.yaml", "groups:\n  - name: g\n    rules:\n      - title: A\n        data:\n          - {refId: A, model: {expr: up}}\n          - {refId: B, datasourceUid: __expr__, model: {expression: A}}\n", "1 groups, 0 dashboards, 1 queries"},
		{"something else", "x.yaml", "services:\n  a:\n    image: b\n", "0 groups, 0 dashboards, 0 queries"},
		{"a picture", "x.json", "\x00\x01", "0 groups, 0 dashboards, 0 queries, it is not text"},
		{"a template", "t.yaml", "groups:\n{{- range .Values.groups }}\n  - name: {{ .name }}\n    rules:\n      - expr: up\n{{- end }}\n", "0 groups, 0 dashboards, 0 queries, it is a Helm template: lint what helm template makes of it"},
	} {
		d := Read(c.file, []byte(c.data))
		got := fmt.Sprintf("%d groups, %d dashboards, %d queries", len(d.Groups), len(d.Dashboards), len(queries(d)))
		if d.Skipped != "" {
			got += ", " + d.Skipped
		}
		for _, f := range d.Findings {
			got += ", " + f.String()
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

// TestHostileFiles are read with work that is in proportion to their size: deep nesting, aliases that multiply, much of it.
func TestHostileFiles(t *testing.T) {
	bomb := func(levels, width int) string {
		text := "groups: []\na: &a [" + strings.Repeat("x, ", width) + "x]\n"
		for c := 'b'; c < 'a'+rune(levels); c++ {
			text += fmt.Sprintf("%c: &%c [%s*%c]\n", c, c, strings.Repeat(fmt.Sprintf("*%c, ", c-1), width), c-1)
		}
		return text
	}
	merge := "groups: []\na: &a {x: 1}\n"
	for c := 'b'; c < 'z'; c++ {
		merge += fmt.Sprintf("%c: &%c {p: *%c, q: *%c, <<: *%c}\n", c, c, c-1, c-1, c-1)
	}
	for name, tt := range map[string]struct {
		data, want string // of the error, "" for none
		budget     int    // of values that are visited or made
	}{
		"deep lists":       {"groups: " + strings.Repeat("[", 20_000), "exceeded max depth", 0},
		"alias bomb":       {bomb(11, 9), "aliases stand for more than", 300},
		"narrow bomb":      {bomb(26, 1), "aliases stand for more than", 300},
		"wide bomb":        {bomb(3, 999), "aliases stand for more than", 5000},
		"bomb of merges":   {merge, "aliases stand for more than", 300},
		"anchor in itself": {"groups: &a [*a, *a]", "more than 10000 levels", 30_000},
		"several bombs":    {strings.Repeat(bomb(5, 7)+"---\n", 40), "aliases stand for more than", 150_000},
		"many aliases":     {"groups: []\na: &a [x, x, x]\nb: [" + strings.Repeat("*a, ", 10_000) + "]", "", 100_000},
		"large, no alias":  {"groups: [" + strings.Repeat("{a: x}, ", 50_000) + "]", "", 400_000},
	} {
		r := yamlReader{file: NewFile("x.yaml", []byte(tt.data))}
		_, err := r.documents()
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: the error is %v, want %q", name, err, tt.want)
		}
		if n := r.count + r.visited; n > tt.budget {
			t.Errorf("%s: %d values of a file of %d bytes, at most %d are wanted", name, n, len(tt.data), tt.budget)
		}
	}
	for name, tt := range map[string]struct{ data, want string }{
		"deep JSON":    {strings.Repeat(`{"panels":[`, 100_000), "more than 10000 levels"},
		"deep lists":   {`{"panels":` + strings.Repeat("[", 100_000), "more than 10000 levels"},
		"endless text": {`{"panels": "` + strings.Repeat("x", 10_000_000), "end"},
	} {
		d := Read("x.json", []byte(tt.data))
		if len(d.Findings) != 1 || !strings.Contains(d.Findings[0].Message, tt.want) {
			t.Errorf("%s: got %v, want %q", name, d.Findings, tt.want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("groups:\n  - name: g\n    rules:\n      - record: a:b:c\n        expr: \"sum(up{a=\\\"\\u00e4\\\"})\"\n", true)
	f.Add(`{"title": "B", "panels": [{"title": "\u00e4", "targets": [{"expr": "rate(x[$__rate_interval]) > $limit"}]}]}`, false)
	f.Add("kind: ConfigMap\ndata:\n  a.json: |\n    {\"title\": \"B\", \"panels\": [{\"targets\": [{\"expr\": \"up\"}]}]}\n", true)
	f.Fuzz(func(t *testing.T, data string, yaml bool) {
		name := map[bool]string{true: "x.yaml", false: "x.json"}[yaml]
		d := Read(name, []byte(data))
		for _, q := range queries(d) {
			if q.Expr != nil {
				q.Position(q.Expr)
			}
			q.Text.At()
		}
		for _, f := range d.Findings {
			if f.At.Line < 1 {
				t.Errorf("%s", f)
			}
		}
	})
}

func BenchmarkRead(b *testing.B) {
	board := `{"title": "B", "panels": [` + strings.Repeat(`{"title": "P", "type": "timeseries", "targets": [{"expr": "sum by (job) (rate(http_requests_total{job=~\"$job\"}[$__rate_interval]))"}]},`, 75) + `{}]}`
	b.SetBytes(int64(len(board)))
	b.ReportAllocs()
	for b.Loop() {
		Read("d.json", []byte(board))
	}
}
