package validate

import (
	"fmt"
	"regexp"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/diag"
)

var sloBudgetInverted = &Check{
	ID: "slo/budget-inverted", Severity: diag.Error, Title: "A budget that is left when it is used up",
	Why:     "The share of failures divided by the share that is allowed is how much of the error budget is used. What is left is 1 less that: as it stands it is 0 while nothing fails, and grows with every failure.",
	Source:  "https://sre.google/workbook/implementing-slos/",
	Example: Example{RuleFile, "groups:\n  - name: g\n    rules:\n      - record: slo:app:error_budget_remaining\n        expr: (1 - sum(rate(app_requests_total{code=~\"2..\"}[5m])) / sum(rate(app_requests_total[5m]))) / (1 - 0.999)\n", "groups:\n  - name: g\n    rules:\n      - record: slo:app:error_budget_remaining\n        expr: 1 - (1 - sum(rate(app_requests_total{code=~\"2..\"}[5m])) / sum(rate(app_requests_total[5m]))) / (1 - 0.999)\n"},
	Rule: func(r *Rule, report Report) {
		q := r.query()
		if q == nil || !budgetLeft.MatchString(r.Record.Value) {
			return
		}
		b, ok := quotient(q.Expr)
		if !ok {
			return
		}
		allowed, known := q.Table.Of(b.RHS).Range.Exactly()
		if !known || !constant(b.RHS) || allowed <= 0 || allowed > 0.5 {
			return
		}
		switch n := unparen(b.LHS).(type) {
		case *parser.BinaryExpr:
			if n.Op == parser.SUB || n.Op == parser.DIV {
				report.because(q.Position(b), "the rule computes how much of the budget is used, and its name says how much is left", fmt.Sprintf("%s is divided by the share that may fail, %.4g", short(n), allowed), "write 1 - ("+short(b)+")")
			}
		}
	},
}

var budgetLeft = regexp.MustCompile(`budget.*remain|remain.*budget|budget_left`)
