package validate

import (
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var aggTopkInAlert = &Check{
	ID: "agg/topk-in-alert", Severity: diag.Warning, Title: "The largest few in an alert",
	Why:     "Which series are the largest changes from one evaluation to the next: each change ends one alert and begins the wait of another, so that a value above the threshold for an hour never fires.",
	Source:  practices + "alerting/",
	Example: Example{Alert, "alert: A\nexpr: topk(5, rate(app_requests_total[5m])) > 100\nfor: 5m", "alert: A\nexpr: rate(app_requests_total[5m]) > 100\nfor: 5m"},
	Query: func(q *Query, report Report) {
		if q.Rule == nil || !q.Rule.IsAlert() {
			return
		}
		joined := map[parser.Expr]bool{} // topk(1, …) on a side that a join takes labels from picks one of several
		eachOf(q, func(b *parser.BinaryExpr) {
			if m := b.VectorMatching; m != nil && (m.Card == parser.CardManyToOne || m.Card == parser.CardOneToMany || m.On) {
				for _, side := range []parser.Expr{b.LHS, b.RHS} {
					each(side, func(a *parser.AggregateExpr) { joined[a] = true })
				}
			}
		})
		inner := map[parser.Expr]bool{} // an aggregation on top has steady labels again
		eachOf(q, func(a *parser.AggregateExpr) {
			each(a.Expr, func(x *parser.AggregateExpr) { inner[x] = a.Op != parser.TOPK && a.Op != parser.BOTTOMK })
		})
		eachOf(q, func(a *parser.AggregateExpr) {
			if (a.Op == parser.TOPK || a.Op == parser.BOTTOMK) && !joined[a] && !inner[a] {
				report.at(q.Position(a), "the series that "+a.Op.String()+" picks change, and with each change the alert begins anew", "compare all of them with the threshold")
			}
		})
	},
}
