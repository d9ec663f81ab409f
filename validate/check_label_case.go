package validate

import (
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/diag"
)

var labelCase = &Check{
	ID: "label/case", Severity: diag.Error, Title: "A label with a capital letter too many",
	Why:     "Labels are told apart by case: by (Instance) groups by a label that no series has.",
	Source:  "https://prometheus.io/docs/concepts/data_model/#metric-names-and-labels",
	Example: Example{PanelOf, `{"title": "P", "type": "stat", "targets": [{"expr": "sum by (Instance) (node_load1)"}]}`, `{"title": "P", "type": "stat", "targets": [{"expr": "sum by (instance) (node_load1)"}]}`},
	Query: func(q *Query, report Report) {
		eachLabelList(q, func(n parser.Expr, names []string) {
			for _, name := range names {
				lower := strings.ToLower(name)
				if lower == name || lower != catalog.Job.Name && lower != catalog.Instance.Name && lower != "le" && lower != "namespace" && lower != "pod" {
					continue
				}
				made := false // by label_replace or the like
				eachOf(q, func(s *parser.StringLiteral) { made = made || s.Val == name })
				if !made {
					report.at(q.Within(n, name), "the label "+name+" is written in lower case everywhere else", "write "+lower)
				}
			}
		})
	},
}
