package validate_test

import (
	"strings"
	"testing"
	"time"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/source"
	"github.com/obsgen/obsgen/validate"
)

// TestOtherLanguages holds checks against what is not in PromQL, and what looks like it.
func TestOtherLanguages(t *testing.T) {
	board := func(variables, panels string) string {
		return `{"title": "B", "uid": "b", "panels": [` + panels + `], "templating": {"list": [` + variables + `]}}`
	}
	const loki = `{"name": "ds", "type": "datasource", "query": "loki"},`
	variable := func(source, query string) string {
		return `{"name": "a", "type": "query", "datasource": ` + source + `, "query": "` + query + `", "refresh": 2}`
	}
	panel := func(expr string) string {
		return `{"title": "P", "type": "stat", "targets": [{"expr": "` + expr + `"}]}`
	}
	united := func(unit string) string {
		return `{"title": "P", "type": "stat", "fieldConfig": {"defaults": {"unit": "` + unit + `"}}, "targets": [{"expr": "x"}]}`
	}
	for _, c := range []struct {
		check, text string
		found       int
	}{
		{"dash/var-query", board(loki+variable(`{"uid": "$ds"}`, "label_values({}, cluster)"), ""), 0},
		{"dash/var-query", board(variable(`null`, "label_values({}, cluster)"), ""), 0},
		{"dash/var-query", board(variable(`{"type": "prometheus"}`, "label_values({}, cluster)"), ""), 1},
		{"dash/var-query", board(variable(`null`, "label_values(x{, cluster)"), ""), 1},
		{"dash/var-query", board(variable(`null`, "label_values(x{$matchers}, cluster)"), ""), 0},
		{"name/no-metric-name", board(loki, `{"title": "P", "type": "stat", "datasource": "$ds", "targets": [{"expr": "sum(count_over_time({app=\"a\"}[5m]))"}]}`), 0},
		{"name/no-metric-name", board("", panel(`sum(count_over_time({app=\"a\"}[5m]))`)), 1},

		{"syntax/promql", board("", panel("sum(x) $op 5")), 0},
		{"syntax/variable", board("", panel("sum(x) $op 5")), 0},
		{"syntax/promql", board("", panel("sum(x) $op 5 6")), 0},
		{"syntax/variable", board("", panel("sum(x) $op 5 6")), 1},
		{"syntax/promql", board("", panel("sum(rate(x))")), 1},
		{"syntax/metricsql", board("", panel("sum(rate(x))")), 0},
		{"syntax/promql", board("", panel("sum(rate(x))")+","+panel("range_last(x)")), 0},
		{"syntax/metricsql", board("", panel("sum(rate(x))")+","+panel("range_last(x)")), 1},
		{"syntax/promql", board("", panel("sum(x")+","+panel("av_over_time(x[5m])")+","+panel("range_last(x)")), 2},
		{"dash/var-undefined", board("", panel("sum(x) $op 5")), 1},

		{"dash/unit-valid", board("", united("conns")), 0},
		{"dash/unit-valid", board("", united("errors/s")), 0},
		{"dash/unit-valid", board("", united("IOPs/Watt")), 0},
		{"dash/unit-valid", board("", united("RPM")), 0},
		{"dash/unit-valid", board("", united("M")), 0},
		{"dash/unit-valid", board("", united("$unit")), 0},
		{"dash/unit-valid", board("", united("suffix:seconds")), 0},
		{"dash/unit-valid", board("", united("%")), 1},
		{"dash/unit-valid", board("", united("Seconds")), 1},
		{"dash/unit-valid", board("", united("Bytes")), 1},
		{"dash/unit-valid", board("", united("PERCENTUNIT")), 1},
		{"dash/unit-valid", board("", united("Misc")), 1},
		{"dash/unit-valid", board("", united("time_series")), 1},
	} {
		found := 0
		for _, f := range lint([2]string{"d.json", c.text}) {
			if f.ID == c.check {
				found++
			}
		}
		if found != c.found {
			t.Errorf("%s: %d, want %d\n%s", c.check, found, c.found, c.text)
		}
	}
}

// TestUnitsMeant names the unit that is meant.
func TestUnitsMeant(t *testing.T) {
	for text, want := range map[string]string{
		"%": "use percent; suffix:% if the text is meant", "Seconds": "use s; suffix:Seconds if the text is meant", "BINBPS": "use binBps or binbps; suffix:BINBPS if the text is meant",
		"BPS": "use Bps or bps; suffix:BPS if the text is meant", "bytes/sec": "use Bps; suffix:bytes/sec if the text is meant",
	} {
		got := ""
		for _, f := range lint([2]string{"d.json", `{"title": "B", "uid": "b", "panels": [{"title": "P", "type": "stat", "fieldConfig": {"defaults": {"unit": "` + text + `"}}, "targets": [{"expr": "x"}]}]}`}) {
			if f.ID == "dash/unit-valid" {
				got = f.Mend
			}
		}
		if got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

// TestLeft counts what is left alone.
func TestLeft(t *testing.T) {
	set := validate.NewSet([]*source.Document{source.Read("d.json", []byte(`{"title": "B", "panels": [{"title": "P", "targets": [
		{"expr": "{a=\"b\"} |= \"x\""}, {"expr": "{a=\"b\"} | json"}, {"expr": "ttf(x)"}, {"expr": "x $f"}, {"expr": "x"}, {"expr": "x("}]}]}`))}, validate.Options{})
	got := set.Left()
	for why, n := range map[string]int{source.LeftLogQL: 2, source.LeftMetricsQL: 1, source.LeftVariable: 1} {
		if got[why] != n {
			t.Errorf("%d expressions %s, want %d", got[why], why, n)
		}
	}
}

// TestTemplatesOfOthers holds checks against rules that another program completes.
func TestTemplatesOfOthers(t *testing.T) {
	rule := func(fields string) string {
		return "groups:\n  - name: g\n    rules:\n      - alert: A\n        expr: up == 0\n" + fields
	}
	note := func(name, text string) string { return "        annotations: {" + name + ": '" + text + "'}\n" }
	for _, c := range []struct {
		check, text string
		found       int
	}{
		{"template/syntax", rule(note("summary", "{{ humanizeDuration <%= x %> }}")), 0},
		{"template/syntax", rule(note("summary", "{% if x %}{{ y }}{% endif %}")), 0},
		{"template/syntax", rule(note("summary", "{{ humanizeDuration <x> }}")), 1},
		{"template/label", rule(note("summary", "{{ $labels.nothing }}") + "      - alert: B\n        expr: count(up) > <%= x %>\n"), 0},
		{"template/label", strings.Replace(rule("        for: <%= x %>\n"+note("summary", "{{ $labels.job }}")), "up == 0", "count(up) == 5", 1), 1},
		{"alert/url", rule(note("runbook_url", "[[ .RunbookURL ]]")), 0},
		{"alert/url", rule(note("runbook_url", "<%= x %>/a")), 0},
		{"alert/url", rule(note("runbook_url", "${RUNBOOKS}/a")), 0},
		{"alert/url", rule(note("runbook_url", "@@BASE@@/a")), 0},
		{"alert/url", rule(note("runbook_url", "[a](b)")), 1},
		{"alert/for-default", rule("        for: ${FOR}\n"), 0},
		{"alert/for-default", rule("        for: 0s\n"), 1},
		{"alert/for-bounds", rule("        for: <%= x %>\n"), 0},
		{"alert/for-bounds", rule("        for: 1s\n"), 1},
		{"alert/for-bounds", rule(""), 1},
		{"syntax/rule", rule("        for: <%= x %>\n"), 0},
		{"syntax/rule", rule("        for: soon\n"), 1},
		{"syntax/yaml", "<% if x %>\n" + rule("") + "<% end %>\n", 0},
		{"syntax/helm-template", "{% raw %}\n" + rule(note("summary", "{{ $labels.job }}")) + "{% endraw %}\n", 0},
	} {
		set := validate.NewSet([]*source.Document{source.Read("r.yml", []byte(c.text))}, validate.Options{Severities: map[string]diag.Severity{"alert/for-default": diag.Info}, Policy: validate.Policy{For: validate.Bounds{Min: time.Minute}}})
		found := 0
		for _, f := range set.Run() {
			if f.ID == c.check {
				found++
			}
		}
		if found != c.found {
			t.Errorf("%s: %d, want %d\n%s", c.check, found, c.found, c.text)
		}
	}
}
