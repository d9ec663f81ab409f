package validate

import (
	"fmt"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var labelValueTypo = &Check{
	ID: "label/value-typo", Severity: diag.Info, Title: "A value that is nearly one that the project uses",
	Why:     "The same label is compared with another value everywhere else in these files, and this one differs by a letter.",
	Source:  promDocs + "basics/#instant-vector-selectors",
	Example: Example{RuleFile, "groups:\n  - name: g\n    rules:\n      - {record: 'job:a:sum', expr: 'sum by (job) (jobs{env=\"prod\",state=\"failed\"})'}\n      - {record: 'job:b:sum', expr: 'sum by (job) (jobs{env=\"prod\",state=\"failed\"})'}\n      - {record: 'job:c:sum', expr: 'sum by (job) (jobs{env=\"prod\",state=\"faild\"})'}\n", "groups:\n  - name: g\n    rules:\n      - {record: 'job:a:sum', expr: 'sum by (job) (jobs{env=\"prod\",state=\"failed\"})'}\n"},
	Set: func(s *Set, report Report) {
		type use struct {
			q  *Query
			vs *parser.VectorSelector
			m  *labels.Matcher
		}
		uses := map[[2]string][]use{} // metric and label
		for _, q := range s.Queries {
			eachOf(q, func(vs *parser.VectorSelector) {
				for _, m := range vs.LabelMatchers {
					if m.Name != model.MetricNameLabel && m.Type == labels.MatchEqual && len(m.Value) >= 5 && !variable(m.Value) {
						uses[[2]string{vs.Name, m.Name}] = append(uses[[2]string{vs.Name, m.Name}], use{q, vs, m})
					}
				}
			})
		}
		for _, us := range uses {
			count := map[string]int{}
			for _, u := range us {
				count[u.m.Value]++
			}
			for _, u := range us {
				if count[u.m.Value] > 1 || strings.ContainsAny(u.m.Value, "0123456789") {
					continue
				}
				for v, n := range count {
					if n >= 2 && v != u.m.Value && len(v) != len(u.m.Value) && diag.Distance(v, u.m.Value) == 1 && !strings.HasSuffix(v, "s") && !strings.HasSuffix(u.m.Value, "s") {
						report(diag.Finding{At: u.q.matcherAt(u.vs, u.m), Subject: u.q.subject(), Message: fmt.Sprintf("%s looks misspelt", u.m), Mend: "did you mean " + v + "?"})
					}
				}
			}
		}
	},
}
