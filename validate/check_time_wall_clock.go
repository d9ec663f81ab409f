package validate

import (
	"slices"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var timeWallClock = &Check{
	ID: "time/wall-clock", Severity: diag.Error, Title: "A time of day that is matched by labels",
	Why:     "hour() and its like are one series without labels. Beside series that have some, and, unless and arithmetic find no match without on ().",
	Source:  promDocs + "operators/#vector-matching",
	Example: Example{Alert, "alert: A\nexpr: app_queue_length > 10 and hour() > 8\nfor: 5m", "alert: A\nexpr: app_queue_length > 10 and on () hour() > 8\nfor: 5m"},
	Query: func(q *Query, report Report) {
		eachOf(q, func(b *parser.BinaryExpr) {
			m := b.VectorMatching
			if m == nil || m.On || b.Op == parser.LOR {
				return
			}
			for _, sides := range [][2]parser.Expr{{b.LHS, b.RHS}, {b.RHS, b.LHS}} {
				if !clock(sides[1]) || clock(sides[0]) {
					continue
				}
				for _, name := range q.Table.Of(sides[0]).Labels.Names() {
					if q.Table.Of(sides[0]).Labels.Certain(name) && name != "__name__" && !slices.Contains(m.MatchingLabels, name) && !replaced.MatchString(name) {
						report.because(q.Position(b), short(sides[1])+" has no labels and matches none of the other series", "they have the label "+name, "write "+b.Op.String()+" on ()")
						return
					}
				}
			}
		})
	},
}

// clock reports whether an expression is about the time of the evaluation alone.
func clock(e parser.Expr) bool {
	found := false
	each(e, func(c *parser.Call) {
		switch c.Func.Name {
		case "hour", "minute", "month", "year", "day_of_week", "day_of_month", "day_of_year", "days_in_month":
			found = true
		}
	})
	return found && constant(e) && e.Type() == parser.ValueTypeVector
}
