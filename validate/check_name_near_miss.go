package validate

import (
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/catalog/external"
	"github.com/obsgen/obsgen/diag"
)

var nameNearMiss = &Check{
	ID: "name/near-miss", Severity: diag.Warning, Title: "A name that is nearly that of a metric",
	Why:     "The catalog does not have the name, and has one that differs by a letter or two, or by a suffix such as _total.",
	Source:  promDocs + "basics/#instant-vector-selectors",
	Example: Example{PromQL, "sum(" + external.ScrapeDuration.Name + "s)", "sum(" + external.ScrapeDuration.Name + ")"},
	Query: func(q *Query, report Report) {
		if q.Set.Catalog == nil {
			return
		}
		eachOf(q, func(vs *parser.VectorSelector) {
			if vs.Name == "" || strings.Contains(vs.Name, ":") || q.Touches(vs) && replaced.MatchString(vs.Name) {
				return
			}
			if _, ok := q.Set.Env.Lookup(vs.Name); ok || q.Set.Catalog.Spec.Prefix != "" && strings.HasPrefix(vs.Name, q.Set.Catalog.Spec.Prefix) {
				return
			}
			if near := q.Set.near(vs.Name); near != "" {
				report.at(q.Position(vs), "the catalog has no metric "+vs.Name, "did you mean "+near+"?")
			}
		})
	},
}
