package validate

import (
	"slices"

	"github.com/obsgen/obsgen/diag"
)

var windowAnchoredFunc = &Check{
	ID: "window/anchored-func", Severity: diag.Error, Title: "A modifier that the function does not take",
	Why:     "anchored works within rate, increase, delta, changes and resets, smoothed within the first three. Elsewhere the evaluation fails every time.",
	Source:  promDocs + "basics/#extended-range-selectors",
	Example: Example{PromQL, `max_over_time(app_queue_length[5m] anchored)`, `max_over_time(app_queue_length[5m])`},
	Query: func(q *Query, report Report) {
		eachWindow(q, func(w windowed) {
			switch {
			case w.vs.Anchored && !slices.Contains([]string{"rate", "increase", "delta", "changes", "resets"}, w.fn):
				report.at(q.Position(w.matrix), w.fn+"() does not take anchored", "drop it")
			case w.vs.Smoothed && !slices.Contains([]string{"rate", "increase", "delta"}, w.fn):
				report.at(q.Position(w.matrix), w.fn+"() does not take smoothed", "drop it")
			}
		})
	},
}
