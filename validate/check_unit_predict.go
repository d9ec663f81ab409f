package validate

import (
	"fmt"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/unit"
)

var unitPredict = &Check{
	ID: "unit/predict", Severity: diag.Warning, Title: "A look ahead of a few seconds",
	Why:     "predict_linear looks ahead in seconds: 4 is four seconds, not hours. Less than a tenth of the window ahead it says what the value is already.",
	Source:  promDocs + "functions/#predict_linear",
	Example: Example{PromQL, `predict_linear(app_memory_bytes[1h], 4)`, `predict_linear(app_memory_bytes[1h], 4 * 3600)`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(c *parser.Call) {
			if c.Func.Name != "predict_linear" || len(c.Args) != 2 || q.Touches(c) {
				return
			}
			m, ok := unparen(c.Args[0]).(*parser.MatrixSelector)
			x, isNumber := q.Table.Of(c.Args[1]).Range.Exactly()
			if ok && isNumber && x > 0 && m.Range > 0 && x < m.Range.Seconds()/10 {
				report.because(q.Position(c.Args[1]), fmt.Sprintf("it looks %v seconds ahead", x), "its window is "+unit.Duration(m.Range), fmt.Sprintf("write %v * 3600 where hours are meant", x))
			}
		})
	},
}
