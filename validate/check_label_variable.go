package validate

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/infer"
	"github.com/obsgen/obsgen/source"
)

var labelVariable = &Check{
	ID: "label/variable", Severity: diag.Error, Title: "A variable of a label that the metric does not have",
	Why:    "The list of values stays empty, and every panel that uses the variable with it.",
	Source: grafana + "datasources/prometheus/template-variables/",
	Example: Example{WholeBoard, `{"title": "A", "uid": "a", "panels": [{"title": "P $verb", "type": "stat", "targets": [{"expr": "up"}]}], "templating": {"list": [{"name": "verb", "type": "query", "query": "label_values(app_requests_total, verb)", "refresh": 2}]}}`,
		`{"title": "A", "uid": "a", "panels": [{"title": "P $verb", "type": "stat", "targets": [{"expr": "up"}]}], "templating": {"list": [{"name": "verb", "type": "query", "query": "label_values(app_requests_total, method)", "refresh": 2}]}}`},
	Dashboard: func(d *Dashboard, report Report) {
		for _, v := range d.Variables {
			sel, label, at, ok := labelValues(v)
			if !ok || sel == "" || len(source.References(label)) > 0 {
				continue
			}
			q := source.NewQuery(v.Query, true)
			_ = q
			e := source.NewQuery(source.Text{Value: sel}, true)
			if e.Expr == nil {
				continue
			}
			t := infer.Infer(e.Expr, d.Set.Env).Root()
			if t.Labels.Closed() && !t.Labels.Has(label) && t.Empty != infer.Must {
				mend := "read one that it has: " + strings.Join(visible(t), ", ")
				if near := diag.Nearest(label, visible(t)); near != "" {
					mend = "did you mean " + near + "?"
				}
				report(diag.Finding{At: v.Query.Position(at, at+len(label)), Subject: v.Name.Value, Message: fmt.Sprintf("%s has no label %s: the variable has no values", sel, label), Mend: mend})
			}
		}
	},
}

var labelValuesCall = regexp.MustCompile(`^\s*label_values\(\s*(?:(.*\S)\s*,)?\s*([a-zA-Z_]\w*)\s*\)\s*$`)

// labelValues returns what label_values() of a variable asks: of which selector, of which label, and where that stands.
func labelValues(v *source.Variable) (selector, label string, at int, ok bool) {
	if v.Type.Value != "query" {
		return "", "", 0, false
	}
	m := labelValuesCall.FindStringSubmatchIndex(v.Query.Value)
	if m == nil {
		return "", "", 0, false
	}
	if m[2] >= 0 {
		selector = v.Query.Value[m[2]:m[3]]
	}
	return selector, v.Query.Value[m[4]:m[5]], m[4], true
}
