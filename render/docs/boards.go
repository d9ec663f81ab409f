package docs

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/dashboards"
	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/plan"
	"github.com/obsgen/obsgen/unit"
)

// board describes one dashboard, panel by panel.
func (w *writer) board(b *plan.Board) *page {
	p := newPage(boardPage(b), b.Title)
	p.para(link("Dashboards", to(p, boardsPage)), "· "+escape(b.Purpose))
	if w.plan.Pictures[b.UID] != nil {
		p.para(fmt.Sprintf("![%s, drawn with the data of a scenario](%s)", escape(b.Title), to(p, boardPicture(b))))
	}
	facts := []string{fmt.Sprintf("uid %s in the folder %s, owner: %s", mono(b.UID), escape(b.Folder), owner(b.Owner))}
	if base := w.plan.Profile.GrafanaURL; base != "" {
		facts = append(facts, link("Open it in Grafana", strings.TrimSuffix(base, "/")+"/d/"+b.UID))
	}
	refresh := "is refreshed by hand"
	if b.Refresh > 0 {
		refresh = "is refreshed every " + unit.Prose(b.Refresh)
	}
	facts = append(facts, fmt.Sprintf("shows the last %s and %s", unit.Prose(b.Last), refresh))
	p.bullets(facts...)
	var rows [][]string
	for _, v := range b.Variables {
		rows = append(rows, []string{escape(v.Title), mono("$" + v.Name), w.offers(v)})
	}
	p.table([]string{"Picker", "Variable", "Offers"}, rows)
	for _, r := range b.Rows {
		if r.Title != "" {
			p.heading(2, r.Title)
			if r.Repeat != "" {
				p.para(fmt.Sprintf("Repeated for each %s that is chosen.", mono(r.Repeat)))
			}
		}
		for _, x := range r.Panels {
			w.panel(p, x)
		}
	}
	return p
}

func (w *writer) offers(v plan.Variable) string {
	some := "several at a time"
	if v.Single {
		some = "one at a time"
	}
	switch v.Kind {
	case dashboards.LabelValues:
		return fmt.Sprintf("values of %s in %s, %s", mono(v.Label), mono(v.From), some)
	case dashboards.Filters:
		return "filters by any label"
	case dashboards.Intervals:
		return "windows: " + strings.Join(escaped(v.Options), ", ")
	}
	return strings.Join(escaped(v.Options), ", ") + ", " + some
}

func (w *writer) panel(p *page, x *plan.Panel) {
	p.heading(3, x.Title)
	if x.Kind == dashboards.KindText {
		p.para(x.Markdown)
		return
	}
	p.para(escape(x.Shows))
	if x.BadWhen != "" {
		p.para("*Bad:*", escape(x.BadWhen))
	}
	facts := []string{string(x.Kind)}
	if x.Unit.IsKnown() && !x.Unit.IsState() && x.Kind != dashboards.KindTable {
		facts = append(facts, "unit: "+escape(x.Unit.String()))
	}
	for _, t := range x.Thresholds {
		word := "from"
		if t.Below {
			word = "below"
		}
		by := ""
		if t.Alert != nil {
			by = " (" + ruleRef(p, t.Alert) + ")"
		}
		facts = append(facts, fmt.Sprintf("%s %s %s%s", levelName(t.Level), word, escape(x.Unit.Format(t.At)), by))
	}
	for _, s := range x.States {
		facts = append(facts, fmt.Sprintf("%s is %s", strconv.FormatFloat(s.Value, 'g', -1, 64), escape(s.Name)))
	}
	p.para(strings.Join(facts, " · "))
	p.folded(diag.Counted(len(x.Targets), "query"), func() {
		for _, t := range x.Targets {
			if len(x.Targets) > 1 && t.Legend != "" {
				p.para(escape(t.Legend) + ":")
			}
			p.code("promql", t.Expr.Pretty())
		}
	})
}

func levelName(l catalog.Level) string {
	switch l {
	case catalog.Good:
		return "good"
	case catalog.Caution:
		return "caution"
	case catalog.Bad:
		return "bad"
	}
	return "marked"
}
