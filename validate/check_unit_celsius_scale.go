package validate

import (
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/unit"
)

var unitCelsiusScale = &Check{
	ID: "unit/celsius-scale", Severity: diag.Warning, Title: "A temperature that is scaled or divided",
	Why:     "0 °C is no absence of heat: half of 20 °C, or the ratio of two temperatures in °C, means nothing.",
	Source:  practices + "naming/#base-units",
	Example: Example{PromQL, `app_temperature_celsius / 2`, `app_temperature_celsius - 20`},
	Query: func(q *Query, report Report) {
		eachOf(q, func(b *parser.BinaryExpr) {
			if b.Op != parser.DIV && b.Op != parser.MUL {
				return
			}
			for _, sides := range [][2]parser.Expr{{b.LHS, b.RHS}, {b.RHS, b.LHS}} {
				u := q.Table.Of(sides[0]).Unit
				if !u.IsPoint() || !u.SameDimension(unit.Celsius) || b.Op == parser.MUL && addsLabels(q, b, sides[1]) {
					continue
				}
				x, ok := number(sides[1])
				if other := q.Table.Of(sides[1]).Unit; ok && (x == 1.8 || x == 9 || x == 5 || x == 0.1 || x == 10 || x == 100 || x == 1000 || x == 0.001) || !ok && !(other.IsPoint() && other.SameDimension(unit.Celsius)) && constant(sides[1]) {
					continue // a conversion to another scale
				}
				report.at(q.Position(b), short(b)+" scales a temperature, whose zero is arbitrary", "take a difference, or convert to kelvin")
				return
			}
		})
	},
}

// addsLabels reports whether a multiplication joins a side for its labels alone: it gives some of them, or is an info
// metric, whose value is 1.
func addsLabels(q *Query, b *parser.BinaryExpr, side parser.Expr) bool {
	if m := b.VectorMatching; m != nil && len(m.Include) > 0 {
		return true
	}
	if one, ok := q.Table.Of(side).Range.Exactly(); ok && one == 1 && !constant(side) {
		return true
	}
	info := false
	each(side, func(vs *parser.VectorSelector) { info = info || strings.HasSuffix(vs.Name, "_info") })
	return info
}
