package docs

import (
	"fmt"

	"github.com/obsgen/obsgen/unit"
)

// ruleIndex describes every recording rule.
func (w *writer) ruleIndex() *page {
	p := newPage(rulesPage, "Recording rules")
	p.para(link(w.plan.Title, to(p, indexPage)),
		"· panels and alerts read these series wherever their expression contains what is recorded. A name is `level:metric:operations`, as",
		link("Prometheus's conventions", "https://prometheus.io/docs/practices/rules/"), "have it.")
	for _, g := range w.plan.Groups {
		var rows [][]string
		for _, r := range g.Rules {
			if r.Alert == nil {
				rows = append(rows, []string{ruleRef(p, r), unitName(r.Expr.Type.Unit), escape(r.Why), fmt.Sprint(len(r.Readers))})
			}
		}
		if len(rows) == 0 {
			continue
		}
		p.heading(2, g.Name)
		p.para(escape(g.Help), fmt.Sprintf("Evaluated every %s. Owner: %s.", unit.Prose(g.Interval), owner(g.Owner)))
		p.table([]string{"Series", "Unit", "Why", "Readers"}, rows)
	}
	for _, r := range w.records() {
		p.heading(3, r.Record)
		p.code("promql", r.Expr.Pretty())
		if r.Source.Text() != r.Expr.Text() {
			p.folded("without recorded series", func() { p.code("promql", r.Source.Pretty()) })
		}
		p.para("Read by:")
		p.bullets(w.readers(p, r.Readers)...)
	}
	return p
}
