package validate

import (
	"fmt"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/unit"
)

var windowSubqueryStep = &Check{
	ID: "window/subquery-step", Severity: diag.Warning, Title: "A subquery finer than its samples",
	Why:     "Between two scrapes the value does not change: a finer step reads each sample several times, which costs and weighs a rate or an average wrongly. A step longer than the window reads one point or none.",
	Source:  promDocs + "examples/#subquery",
	Example: Example{PromQL, `max_over_time(app_queue_length[10m:5s])`, `max_over_time(app_queue_length[10m])`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(s *parser.SubqueryExpr) {
			switch {
			case q.VariableWindow(s) || s.Step <= 0 || s.StepExpr != nil:
			case s.Range > 0 && s.Step > s.Range:
				report.at(q.Position(s), fmt.Sprintf("the step of %s is longer than the window of %s", unit.Duration(s.Step), unit.Duration(s.Range)), "use a step that fits into the window several times")
			case q.Set.ScrapeInterval > 0 && s.Step < q.Set.ScrapeInterval && reads(s.Expr) != nil:
				if _, plain := unparen(s.Expr).(*parser.VectorSelector); plain {
					report.because(q.Position(s), fmt.Sprintf("the step of %s reads each sample several times", unit.Duration(s.Step)), "targets are scraped every "+unit.Duration(q.Set.ScrapeInterval), "drop the step, or read the range itself")
				}
			}
		})
	},
}
