package validate

import (
	"slices"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var labelDenied = &Check{
	ID: "label/denied", Severity: diag.Warning, Title: "A label that the project does not allow",
	Why:     "The project has listed labels that no query may use: ones that are added outside of Prometheus, or that change at every deployment.",
	Source:  practices + "naming/#labels",
	Example: Example{PromQL, `sum by (pod_ip) (kube_pod_info)`, `sum by (namespace) (kube_pod_info)`},
	Query: func(q *Query, report Report) {
		denied := func(name string) bool { return slices.Contains(q.Set.Policy.DeniedLabels, name) }
		if len(q.Set.Policy.DeniedLabels) == 0 {
			return
		}
		say := func(at diag.Position, name string) {
			report.at(at, "the project does not allow the label "+name+" in a query", "use another")
		}
		eachOf(q, func(vs *parser.VectorSelector) {
			for _, m := range vs.LabelMatchers {
				if denied(m.Name) {
					say(q.matcherAt(vs, m), m.Name)
				}
			}
		})
		eachLabelList(q, func(n parser.Expr, names []string) {
			for _, name := range names {
				if denied(name) {
					say(q.Within(n, name), name)
				}
			}
		})
	},
}

// eachLabelList calls f for every list of labels: of by, on and the labels that a match adds.
func eachLabelList(q *Query, f func(parser.Expr, []string)) {
	eachOf(q, func(a *parser.AggregateExpr) {
		if !a.Without {
			f(a, a.Grouping)
		}
	})
	eachOf(q, func(b *parser.BinaryExpr) {
		if m := b.VectorMatching; m != nil {
			if m.On {
				f(b, m.MatchingLabels)
			}
			f(b, m.Include)
		}
	})
}
