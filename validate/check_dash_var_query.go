package validate

import (
	"regexp"
	"strings"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/source"
)

var dashVarQuery = &Check{
	ID: "dash/var-query", Severity: diag.Error, Title: "A variable whose query does not parse",
	Why:    "The list of values stays empty, and every panel that uses the variable with it.",
	Source: grafana + "datasources/prometheus/template-variables/",
	Example: Example{WholeBoard, `{"title": "A", "uid": "a", "panels": [{"title": "P $job", "type": "stat", "targets": [{"expr": "up"}]}], "templating": {"list": [{"name": "job", "type": "query", "query": "label_values(sum(, job)", "refresh": 2}]}}`,
		`{"title": "A", "uid": "a", "panels": [{"title": "P $job", "type": "stat", "targets": [{"expr": "up"}]}], "templating": {"list": [{"name": "job", "type": "query", "query": "label_values(up, job)", "refresh": 2}]}}`},
	Dashboard: func(d *Dashboard, report Report) {
		for _, v := range d.Variables {
			text := v.Query.Value
			var from, to int
			if sel, _, _, ok := labelValues(v); ok {
				if sel == "" {
					continue
				}
				from = strings.Index(text, sel)
				to = from + len(sel)
			} else if m := queryResult.FindStringSubmatchIndex(text); m != nil && v.Type.Value == "query" {
				from, to = m[2], m[3]
			} else if strings.HasPrefix(strings.TrimSpace(text), "label_values(") && v.Type.Value == "query" && !strings.HasSuffix(strings.TrimSpace(text), ")") {
				report(diag.Finding{At: v.Query.At(), Subject: v.Name.Value, Message: "the query of the variable is not closed", Mend: "add )"})
				continue
			} else {
				continue
			}
			q := source.NewQuery(source.Text{Value: text[from:to]}, true).In(v.Language)
			if q.Fault != nil && !q.Fault.Unsure {
				report(diag.Finding{At: v.Query.Position(from, to), Subject: v.Name.Value, Message: "the query of the variable does not parse: " + q.Fault.Message, Mend: "mend it"})
			}
		}
	},
}

var queryResult = regexp.MustCompile(`^\s*query_result\((.*)\)\s*$`)
