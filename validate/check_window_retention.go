package validate

import (
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/unit"
)

var windowRetention = &Check{
	ID: "window/retention", Severity: diag.Warning, Title: "A look further back than samples are kept",
	Why:     "Prometheus deletes samples after the time that it is told to keep them: the window is empty, or says less than it claims.",
	Source:  "https://prometheus.io/docs/prometheus/latest/storage/",
	Example: Example{PromQL, `app_queue_length offset 60d`, `app_queue_length offset 7d`},
	Query: func(q *Query, report Report) {
		kept := q.Set.Server.Retention
		if kept == 0 {
			return
		}
		eachOf(q, func(m *parser.MatrixSelector) {
			vs, ok := m.VectorSelector.(*parser.VectorSelector)
			if ok && m.Range+vs.OriginalOffset > kept && !q.VariableWindow(m) {
				report.because(q.Position(m), "the window reaches back "+unit.Duration(m.Range+vs.OriginalOffset), "samples are kept for "+unit.Duration(kept), "use a shorter one, or a recorded series")
			}
		})
		eachOf(q, func(vs *parser.VectorSelector) {
			if vs.OriginalOffset > kept && !q.VariableWindow(vs) {
				report.because(q.Position(vs), "the offset reaches back "+unit.Duration(vs.OriginalOffset), "samples are kept for "+unit.Duration(kept), "use a shorter one")
			}
		})
	},
}
