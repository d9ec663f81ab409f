package validate

import (
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/unit"
)

var windowNegativeOffset = &Check{
	ID: "window/negative-offset", Severity: diag.Error, Title: "A rule that reads the future",
	Why:     "A negative offset looks ahead of the evaluation, where there is no sample yet.",
	Source:  promDocs + "basics/#offset-modifier",
	Example: Example{PromQL, `app_queue_length offset -1h`, `app_queue_length offset 1h`},
	Query: func(q *Query, report Report) {
		if q.Rule == nil {
			return
		}
		eachOf(q, func(vs *parser.VectorSelector) {
			if vs.OriginalOffset < 0 && -vs.OriginalOffset > q.Rule.Group.Offset {
				report.at(q.Position(vs), "the offset of "+unit.Duration(-vs.OriginalOffset)+" looks into the future", "use a positive offset")
			}
		})
	},
}
