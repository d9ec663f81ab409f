package validate

import (
	"fmt"
	"math"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/unit"
)

var windowCountBound = &Check{
	ID: "window/count-bound", Severity: diag.Error, Title: "More samples than a window can hold",
	Why:     "At the scrape interval the window holds so many samples and no more: a count above that is never reached.",
	Source:  promDocs + "functions/#aggregation_over_time",
	Example: Example{Alert, "alert: A\nexpr: count_over_time(app_queue_length[5m]) > 30\nfor: 5m", "alert: A\nexpr: count_over_time(app_queue_length[5m]) < 10\nfor: 5m"},
	Query: func(q *Query, report Report) {
		every := q.Set.ScrapeInterval
		if every == 0 {
			return
		}
		eachCondition(q, func(c condition) {
			f, ok := call(c.value, "count_over_time", "changes", "resets", "sum_over_time")
			if !ok || !c.up() && c.op != parser.EQLC {
				return
			}
			m, ok := unparen(f.Args[0]).(*parser.MatrixSelector)
			if !ok || q.VariableWindow(m) || m.Range <= 0 {
				return
			}
			vs, _ := m.VectorSelector.(*parser.VectorSelector)
			if vs == nil || len(q.Set.recorded[vs.Name]) > 0 || strings.Contains(vs.Name, ":") {
				return
			}
			most := math.Ceil(m.Range.Seconds() / every.Seconds())
			switch f.Func.Name {
			case "changes", "resets":
				most--
			case "sum_over_time":
				r := q.Table.Of(m).Range
				if !r.IsBounded() {
					return
				}
				most *= math.Max(r.Hi, 0)
			}
			if c.limit > most || c.limit == most && c.op == parser.GTR {
				report.because(q.Position(c.node), fmt.Sprintf("%s is at most %v", short(c.value), most), "targets are scraped every "+unit.Duration(every), "compare with less, or use a longer window")
			}
		})
	},
}
