package validate_test

import (
	"slices"
	"strings"
	"testing"
)

// TestTemplatesAreExpanded wants a finding where an expansion fails, wherever Prometheus expands, and none elsewhere.
func TestTemplatesAreExpanded(t *testing.T) {
	alert := func(fields string) string {
		return "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: sum by (foo) (x) > 1\n    for: 5m\n" + fields
	}
	annotation := func(text string) string { return alert("    annotations:\n      a: '" + text + "'\n") }
	for _, x := range []struct{ text, id, at string }{
		{annotation(`{{ if gt $value 1 }}many{{ end }}`), "template/expand", "8:17"},
		{annotation(`{{ $labels.foo.bar }}`), "template/expand", "8:14"},
		{annotation(`{{ .CommonLabels.foo }}`), "template/expand", "8:14"},
		{annotation(`{{ $value.foo }}`), "template/expand", "8:14"},
		{annotation(`{{ if eq $labels.foo 1 }}x{{ end }}`), "template/expand", "8:17"},
		{annotation(`{{ .foo }}`), "template/expand", "8:14"},
		{annotation(`{{ .value }}`), "template/expand", "8:14"},
		{annotation(`{{ range $labels }}{{ .x }}{{ end }}`), "template/expand", "8:33"},
		{annotation(`{{ value }}`), "template/expand", "8:14"},
		{alert("    labels: {a: '{{ .foo }}'}\n"), "template/expand", "7:21"},
		{"groups:\n- name: g\n  labels: {a: '{{ .foo }}'}\n  rules:\n  - {alert: A, expr: x > 1, for: 5m}\n", "template/expand", "3:19"},
		{"groups:\n- name: g\n  rules:\n  - {alert: '{{ $labels.dev }} bad', expr: x > 1, for: 5m}\n", "template/not-expanded", "4:14"},
		{"groups:\n- name: g\n  rules:\n  - {record: 'a:b:c', expr: x, labels: {a: '{{ $labels.b }}'}}\n", "template/not-expanded", "4:45"},
		{annotation(`{{ if gt $value 1.0 }}many{{ end }}`), "", ""},
		{annotation(`{{ index $labels "foo" }}`), "", ""},
		{annotation(`{{ with query "up" }}{{ . | first | value | humanize }}{{ end }}`), "", ""},
		{annotation(`{{ $value | humanizePercentage }} of {{ $labels.foo | toUpper }}`), "", ""},
		{strings.Replace(annotation(`{{ $value.Count }}`), "sum by (foo) (x) > 1", "x", 1), "", ""}, // it may be a native histogram
	} {
		var found []string
		for _, f := range lint([2]string{"r.yaml", x.text}) {
			if strings.HasPrefix(f.ID, "template/expand") || f.ID == "template/not-expanded" {
				found = append(found, f.ID+" "+strings.TrimPrefix(f.At.String(), "r.yaml:"))
			}
		}
		want := []string{x.id + " " + x.at}
		if x.id == "" {
			want = nil
		}
		if !slices.Equal(found, want) {
			t.Errorf("found %q, want %q in\n%s", found, want, x.text)
		}
	}
}
