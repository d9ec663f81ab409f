package source

import (
	"strconv"
	"strings"
	"testing"
)

// TestLanguages reads panels of data sources of all kinds: what is not in PromQL is no fault, whatever tells so.
func TestLanguages(t *testing.T) {
	const (
		logs   = `sum(rate({app="a"} |= "x" [5m]))`
		stages = `{app="a"} | json | line_format "{{.x}}"`
		backed = "count_over_time({app=\"a\"} != `x` [5m])"
		broken = `sum(up`
		metric = `sum(rate(up[5m]))`
		loose  = `sum(rate(up))`
	)
	variable := func(name, query string) string {
		return `{"name": "` + name + `", "type": "datasource", "query": "` + query + `"}`
	}
	for _, c := range []struct {
		name, kind, variables, source, target, expr string
		want                                        string // read, left (alone), absent, fault
	}{
		{"a type", "", "", `{"type": "loki", "uid": "x"}`, "", logs, "absent"},
		{"a variable as uid", "", variable("ds", "loki"), `{"uid": "$ds"}`, "", logs, "absent"},
		{"a variable in braces", "", variable("ds", "loki"), `{"uid": "${ds}"}`, "", logs, "absent"},
		{"an old variable", "", variable("ds", "loki"), `"[[ds]]"`, "", logs, "absent"},
		{"a variable as name", "", variable("ds", "loki"), `"$ds"`, "", metric, "absent"},
		{"a variable as type", "", variable("ds", "loki"), `{"type": "${ds}", "uid": "${ds}"}`, "", logs, "absent"},
		{"any other database", "", variable("ds", "influxdb"), `"$ds"`, "", "SELECT 1", "absent"},
		{"a variable of Prometheus", "", variable("loki", "prometheus"), `"$loki"`, "", metric, "read"},
		{"a variable of Prometheus with a wrong query", "", variable("ds", "prometheus"), `"$ds"`, "", logs, "fault"},
		{"of a mixed panel", "", variable("logs", "loki"), `{"type": "datasource", "uid": "-- Mixed --"}`, `{"uid": "$logs"}`, logs, "absent"},
		{"of a mixed panel, of Prometheus", "", "", `{"type": "datasource", "uid": "-- Mixed --"}`, `{"type": "prometheus", "uid": "a"}`, broken, "fault"},
		{"an input", "", "", `"${DS_A}"`, "", logs, "absent"},
		{"a name that tells", "", "", `"Loki (prod)"`, "", metric, "absent"},
		{"a variable whose name tells", "", "", `{"uid": "$loki_datasource"}`, "", logs, "absent"},
		{"a name with both", "", "", `"prometheus-loki"`, "", metric, "read"},
		{"a name that only contains one", "", "", `"Lokiland"`, "", metric, "read"},
		{"a panel of logs", "logs", "", `"$unknown"`, "", `{app="a"}`, "absent"},
		{"a panel of logs of Prometheus", "logs", "", `{"type": "prometheus"}`, "", metric, "read"},
		{"logs of VictoriaMetrics", "", "", `{"type": "victoriametrics-logs-datasource", "uid": "x"}`, "", "error | stats count()", "absent"},
		{"Alertmanager's by a name with prometheus", "", "", `{"type": "camptocamp-prometheus-alertmanager-datasource"}`, "", "a", "absent"},
		{"undecided, a filter", "", "", `{"uid": "x"}`, "", logs, "left"},
		{"undecided, stages", "", "", "null", "", stages, "left"},
		{"undecided, a filter with !=", "", "", "null", "", backed, "left"},
		{"undecided, a function", "", "", "null", "", `bytes_over_time({app="a"}[5m])`, "left"},
		{"undecided, PromQL", "", "", "null", "", metric, "read"},
		{"undecided, broken", "", "", "null", "", broken, "fault"},
		{"undecided, a bar within quotes", "", "", "null", "", `sum(up{a=~"x|= y"}) by by`, "fault"},
		{"undecided, or in another language", "", "", "null", "", `up | down`, "fault"},
		{"of Prometheus, a filter", "", "", `{"type": "prometheus"}`, "", logs, "fault"},
		{"MetricsQL", "", "", `{"type": "victoriametrics-metrics-datasource"}`, "", loose, "left"},
		{"MetricsQL behind a variable", "", variable("vm", "victoriametrics-metrics-datasource"), `{"uid": "$vm"}`, "", loose, "left"},
		{"PromQL of VictoriaMetrics", "", "", `{"type": "victoriametrics-metrics-datasource"}`, "", metric, "read"},
		{"MetricsQL that is broken", "", "", `{"type": "victoriametrics-metrics-datasource"}`, "", broken, "fault"},
		{"MetricsQL with no such function", "", "", `{"type": "victoriametrics-metrics-datasource"}`, "", "av_over_time(up[5m])", "fault"},
		{"MetricsQL's function behind Prometheus's type", "", "", `{"type": "prometheus"}`, "", "range_last(up)", "left"},
		{"MetricsQL's words behind Prometheus's type", "", "", `{"type": "prometheus"}`, "", "sum(up) default 0", "left"},
		{"a misspelt function", "", "", `{"type": "prometheus"}`, "", "range_lst(up)", "fault"},
		{"a rate without a window", "", "", `{"type": "prometheus"}`, "", loose, "fault"},
	} {
		target := ""
		if c.target != "" {
			target = `, "datasource": ` + c.target
		}
		d := Read("d.json", []byte(`{"title": "B", "__inputs": [{"name": "DS_A", "type": "datasource", "pluginId": "loki"}], "templating": {"list": [`+c.variables+`]},
			"panels": [{"title": "P", "type": "`+c.kind+`", "datasource": `+c.source+`, "targets": [{"expr": `+strconv.Quote(c.expr)+target+`}]}]}`))
		if got := state(d); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// state says what became of the first query of a document.
func state(d *Document) string {
	switch qs := queries(d); {
	case len(qs) == 0:
		return "absent"
	case qs[0].Left != "":
		return "left"
	case qs[0].Fault != nil && qs[0].Fault.Unsure:
		return "unsure"
	case qs[0].Fault != nil:
		return "fault"
	}
	return "read"
}

// TestNewLanguages reads the second form of dashboards, and rules.
func TestNewLanguages(t *testing.T) {
	for name, c := range map[string]struct{ data, want string }{
		"a group":         {`"query": {"kind": "DataQuery", "group": "loki", "spec": {"expr": "{a=\"b\"} |= \"x\""}}`, "absent"},
		"a kind":          {`"query": {"kind": "loki", "spec": {"expr": "{a=\"b\"} |= \"x\""}}`, "absent"},
		"VictoriaMetrics": {`"query": {"kind": "DataQuery", "group": "victoriametrics-metrics-datasource", "spec": {"expr": "rate(up)"}}`, "left"},
		"a variable":      {`"query": {"kind": "DataQuery", "datasource": {"name": "$ds"}, "spec": {"expr": "up"}}`, "absent"},
		"beside it":       {`"datasource": {"type": "loki", "uid": "x"}, "query": {"kind": "DataQuery", "spec": {"expr": "up"}}`, "absent"},
		"Prometheus":      {`"query": {"kind": "DataQuery", "group": "prometheus", "datasource": {"name": "$ds"}, "spec": {"expr": "sum(up"}}`, "fault"},
	} {
		d := Read("d.json", []byte(`{"kind": "Dashboard", "spec": {"title": "B", "layout": {}, "variables": [{"kind": "DatasourceVariable", "spec": {"name": "ds", "pluginId": "loki"}}],
			"elements": {"p": {"kind": "Panel", "spec": {"title": "P", "data": {"spec": {"queries": [{"spec": {`+c.data+`}}]}}}}}}}`))
		if got := state(d); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	for name, c := range map[string]struct{ data, want string }{
		"a rule of VictoriaMetrics":       {"kind: VMRule\nspec:\n  groups:\n    - name: g\n      rules:\n        - {record: 'a:b:c', expr: 'rate(up)'}\n", "left"},
		"a broken one":                    {"kind: VMRule\nspec:\n  groups:\n    - name: g\n      rules:\n        - {record: 'a:b:c', expr: 'sum(up'}\n", "fault"},
		"the same of Prometheus":          {"groups:\n  - name: g\n    rules:\n      - {record: 'a:b:c', expr: 'rate(up)'}\n", "fault"},
		"Grafana's rule of Loki":          {"groups:\n  - name: g\n    rules:\n      - {title: A, data: [{refId: A, datasourceUid: x, model: {datasource: {type: loki, uid: x}, expr: up}}]}\n", "absent"},
		"Grafana's rule that names Loki":  {"groups:\n  - name: g\n    rules:\n      - {title: A, data: [{refId: A, datasourceUid: loki, model: {expr: up}}]}\n", "absent"},
		"Grafana's rule of some source":   {"groups:\n  - name: g\n    rules:\n      - {title: A, data: [{refId: A, datasourceUid: x, model: {expr: '{a=\"b\"} |~ \"x\"'}}]}\n", "left"},
		"Grafana's rule named after Loki": {"groups:\n  - name: g\n    rules:\n      - {title: A, data: [{refId: A, datasourceUid: loki, model: {datasource: {type: prometheus}, expr: up}}]}\n", "read"},
	} {
		if got := state(Read("r.yaml", []byte(c.data))); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// TestVariableParts reads variables in the place of what is no operand.
func TestVariableParts(t *testing.T) {
	for text, want := range map[string]string{
		`x_state{job="a"} $filter`:            "left",
		`sum(x) $op 5`:                        "left",
		`sum(x) ${op} sum(y)`:                 "left",
		`sum(x) [[op]] 5`:                     "left",
		`x $op on (job) group_left (a) y`:     "left",
		`x $op bool 5`:                        "left",
		`$a $op $b`:                           "left",
		`rate(x[5m]$offset)`:                  "left",
		`topk(5, x $filter)`:                  "left",
		`x $filter > 0`:                       "left",
		`x $filter and y`:                     "left",
		`sum(x) $by`:                          "left",
		`x{$matchers}`:                        "left",
		`x{[[matchers]]}`:                     "left",
		`x{a="b", $matchers}`:                 "left",
		`x{$matchers, a="b"}`:                 "left",
		`x{a="b",$m , c="d"}`:                 "left",
		`sum(rate({$matchers}[5m]))`:          "left",
		`sum(rate(x{${m:raw}}[$__interval]))`: "left",

		`x + $metric`:                     "read",
		`x and $y`:                        "read",
		`x > bool $y`:                     "read",
		`x * on (job) $y`:                 "read",
		`x * on (job) group_left () $y`:   "read",
		`x{$label="a"}`:                   "read",
		`x{a="$b"} / $c`:                  "read",
		`sum by ($l) (x)`:                 "read",
		`sum(x) by ($l) / 5`:              "read",
		`$agg by (job) (x)`:               "read",
		`sum(x) / ($y)`:                   "read",
		`sum(x offset $o)`:                "read",
		`x $filter )`:                     "unsure",
		`sum(x$suffix) by (job)`:          "read",
		`sum(x{a="$b"}[5m]`:               "fault",
		`rate(x{a="$b"}[$__interval]) (`:  "fault",
		`rate(x{a="$b"})`:                 "fault",
		`sum($x) y z`:                     "unsure",
		`sum(x) $op 5 6`:                  "unsure",
		`sum(rate($metric)) by (x) y[5m]`: "unsure",
	} {
		f := NewFile("board.json", []byte(text))
		q := NewQuery(f.Whole(), true)
		if got := state(&Document{Dashboards: []*Dashboard{{Annotations: []*Target{{Query: q}}}}}); got != want {
			why := ""
			if q.Fault != nil {
				why = q.Fault.Message
			}
			t.Errorf("%s: %s, want %s: %s", text, got, want, why)
		}
		if q.Fault != nil && strings.Contains(q.Fault.Message, "variable_") {
			t.Errorf("%s: the stand-in is shown: %s", text, q.Fault.Message)
		}
	}
}

// TestFaultOfVariable names a variable as its author does.
func TestFaultOfVariable(t *testing.T) {
	for text, want := range map[string]string{
		`sum(x) y ${metric:raw}_total{a="b"}`: `unexpected identifier "y"`,
		`sum by ${labels:raw}_x y`:            `unexpected metric identifier "${labels:raw}_x" in grouping opts, expected "("`,
	} {
		f := NewFile("board.json", []byte(text))
		if q := NewQuery(f.Whole(), true); q.Fault == nil || q.Fault.Message != want {
			t.Errorf("%s: %+v, want %s", text, q.Fault, want)
		}
	}
}

// TestTemplates reads rules and dashboards that another program completes: what it completes is no fault, the rest is.
func TestTemplates(t *testing.T) {
	one := func(expr, more string) string {
		return "groups:\n  - name: g\n    rules:\n      - alert: A\n        expr: " + expr + "\n" + more
	}
	board := func(expr string) string {
		return `{"title": "B", "panels": [{"title": "P", "type": "stat", "targets": [{"expr": ` + strconv.Quote(expr) + `}]}]}`
	}
	for _, c := range []struct{ name, file, data, want string }{
		{"ERB", "r.yml", one(`up < <%= p('x') %>`, ""), "left"},
		{"ERB that parses", "r.yml", one(`up{a=~"<%= x %>"}`, ""), "left"},
		{"ERB for a time", "r.yml", one("up == 0", "        for: <%= p('y') %>\n"), "read"},
		{"ERB for an interval", "r.yml", strings.Replace(one("up == 0", ""), "name: g", "name: g\n    interval: <%= x %>", 1), "read"},
		{"a wrong time beside it", "r.yml", one("up == <%= x %>", "        for: 5 parsecs\n"), "left, syntax/rule"},
		{"a wrong field beside it", "r.yml", one("up == 0", "        for: <%= x %>\n        fro: 5m\n"), "read, syntax/rule"},
		{"ERB around rules", "r.yml", "<% if x %>\n" + one("up == 0", "") + "<% end %>\n", "absent, it is a template (ERB): lint what is rendered from it"},
		{"a broken file", "r.yml", one("up == 0", "   x: y: z\n"), "absent, syntax/yaml"},
		{"Jinja around rules", "r.yml", "{% if x %}\n" + one("up == 0", "") + "{% endif %}\n", "absent, it is a template (Jinja or Liquid): lint what is rendered from it"},
		{"Jinja's raw", "r.yml", "{% raw %}\n" + one("up ==", "") + "{% endraw %}\n", "fault"},
		{"Jinja's raw in a text", "r.yml", one("up == 0", "        annotations: {summary: '{%- raw -%}{{ $value }}{%- endraw -%}'}\n"), "read"},
		{"raw and more", "r.yml", "{% raw %}\n" + one("up == 0", "") + "{% endraw %}\n{{ more }}\n", "absent, it is a template (Jinja or Liquid): lint what is rendered from it"},
		{"a number of Jinja's", "r.yml", one("'up > {{ limit }}'", ""), "left"},
		{"Prometheus's own beyond a text", "r.yml", one("'up > {{ $value }}'", ""), "fault"},
		{"Prometheus's own in a matcher", "r.yml", one(`'up{a="{{ x }}"}'`, ""), "read"},
		{"brackets", "r.yml", one("'up > [[ .Limit ]]'", ""), "left"},
		{"a bare name in brackets", "r.yml", one("'up > [[ limit ]]'", ""), "left"},
		{"a bracket too many", "r.yml", one("'rate(up[[5m])'", ""), "fault"},
		{"a class of characters", "r.yml", one(`'up{a=~"[[:alpha:]]+"}'`, ""), "read"},
		{"Consul's in a text", "r.yml", one(`up == 0`, "        annotations: {runbook_url: '[[ .RunbookURL ]]'}\n"), "read"},
		{"a placeholder", "r.yml", one("<promql_expression>", ""), "left"},
		{"a placeholder within", "r.yml", one("sum(<metric>) > <limit>", "        for: <duration>\n"), "left"},
		{"a comparison that is broken", "r.yml", one("a <b> ", ""), "fault"},
		{"comparisons", "r.yml", one("a <b> c", ""), "read"},
		{"Python's", "r.yml", one("'sum(rate(x{%(selector)s}[5m]))'", ""), "left"},
		{"a remainder", "r.yml", one("x %(y) > 0", ""), "read"},
		{"a variable of autoconf", "r.yml", one("'up > @@LIMIT@@'", ""), "left"},
		{"a time with @", "r.yml", one("up @ 5", ""), "read"},
		{"a variable of a shell", "r.yml", one("up > ${LIMIT}", "        for: ${FOR}\n"), "left"},
		{"a variable in capitals", "r.yml", one("up > $LIMIT", ""), "left"},
		{"a group of a regular expression", "r.yml", one(`label_replace(up, "a", "${name}", "b", "(?P<name>.*)")`, ""), "read"},
		{"Grafana's macro in a rule", "r.yml", one("rate(x[$__rate_interval])", ""), "fault"},
		{"Grafana's macro in braces", "r.yml", one("rate(x[${__rate_interval}])", ""), "fault"},
		{"Grafana's variable in a rule", "r.yml", one("sum(x) > $limit", ""), "fault"},
		{"a list", "r.yml", "kind: PrometheusRule\nmetadata: {name: a}\nspec:\n  " + strings.ReplaceAll(one("up == 0", "        for: ${FOR}\n"), "\n", "\n  ") + "\n", "read"},

		{"ERB in a dashboard", "d.json", board("up > <%= x %>"), "left"},
		{"Jinja in a dashboard", "d.json", board("up > {{ x }}"), "left"},
		{"a variable of Grafana's", "d.json", board("up > ${x}"), "read"},
		{"a dashboard of raw", "d.json", "{% raw %}\n" + board("up >") + "\n{% endraw %}\n", "fault"},
		{"a dashboard within ERB", "d.json", strings.Replace(board("up"), `"B"`, `<%= x %>`, 1), "absent, it is a template (ERB): lint what is rendered from it"},
		{"a broken dashboard", "d.json", board("up") + ",", "absent, syntax/json"},
		{"in a ConfigMap", "c.yaml", "kind: ConfigMap\ndata:\n  a.json: |\n    " + strings.Replace(board("up"), `"B"`, `<%= x %>`, 1) + "\n", "absent"},
	} {
		d := Read(c.file, []byte(c.data))
		got := state(d)
		if d.Skipped != "" {
			got += ", " + d.Skipped
		}
		for _, f := range d.Findings {
			got += ", " + f.ID
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
		for _, q := range queries(d) {
			if why := misplaced(q.Text); why != "" {
				t.Errorf("%s: %s", c.name, why)
			}
		}
	}
}
