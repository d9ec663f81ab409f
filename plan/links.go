package plan

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/dashboards"
	"github.com/obsgen/obsgen/diag"
)

// links resolves the links of dashboards and panels.
func (b *builder) links() {
	byUID := map[string]*Board{}
	for _, board := range b.plan.Boards {
		byUID[board.UID] = board
	}
	for _, board := range b.plan.Boards {
		for _, l := range board.decl.Links {
			if out, ok := b.link(l, board, byUID, board.UID, board.Site); ok {
				board.Links = append(board.Links, out)
			}
		}
		for _, p := range board.Panels() {
			for _, l := range p.decl.Links {
				out, ok := b.link(l, board, byUID, p.Title, p.Site)
				if !ok {
					continue
				}
				b.carryLabels(&out, l, p)
				p.Links = append(p.Links, out)
			}
		}
	}
}

// link finds the target of a link that stands on a dashboard; subject is what carries it.
func (b *builder) link(l dashboards.Link, from *Board, byUID map[string]*Board, subject string, site diag.Site) (Link, bool) {
	out := Link{Title: l.Title, URL: l.URL}
	wrong := func(why, mend string) (Link, bool) {
		b.report(site, diag.Error, "link/target", subject, fmt.Sprintf("link %q of %q %s", l.Title, subject, why), mend)
		return Link{}, false
	}
	switch {
	case l.Panel != nil:
		at, ok := b.panels[l.Panel]
		if !ok {
			return wrong(fmt.Sprintf("leads to the panel %q, which is on no dashboard", l.Panel.Title), "put it on one")
		}
		out.Board, out.Panel = at.board, at.panel
	case l.Dashboard != "":
		target, ok := byUID[l.Dashboard]
		if !ok {
			return wrong("leads to "+l.Dashboard+", which is no dashboard", "use the constant of its uid")
		}
		out.Board = target
	case l.URL == "":
		return wrong("leads nowhere", "set Dashboard, Panel or URL")
	case len(l.Set) > 0:
		return wrong("sets variables of an address that is no dashboard's", "drop Set, or set Dashboard")
	default:
		return out, true
	}
	out.Title = cmp.Or(out.Title, out.Board.Title)
	for _, v := range out.Board.Variables {
		shared := slices.ContainsFunc(from.Variables, func(w Variable) bool { return w.Name == v.Name && w.Kind == v.Kind })
		set := slices.ContainsFunc(l.Set, func(x catalog.AnyLabel) bool { return x.Def().Name == v.Name })
		if shared && !set {
			out.Carry = append(out.Carry, v.Name)
		}
	}
	return out, true
}

// carryLabels adds the labels of the clicked series that the link hands over.
func (b *builder) carryLabels(out *Link, l dashboards.Link, p *Panel) {
	for _, s := range l.Set {
		name := s.Def().Name
		if !slices.ContainsFunc(p.Targets, func(t Target) bool { return t.Source.Type.Labels.Has(name) }) {
			b.report(p.Site, diag.Error, "link/label", p.Title,
				fmt.Sprintf("link %q of panel %q carries the label %s, which its series have not", out.Title, p.Title, name), "drop it from Set")
			continue
		}
		if out.Board != nil && !slices.ContainsFunc(out.Board.Variables, func(v Variable) bool { return v.Name == name }) {
			b.report(p.Site, diag.Error, "link/label", p.Title,
				fmt.Sprintf("link %q of panel %q sets %s, which is no variable of %s", out.Title, p.Title, name, out.Board.UID), "drop it from Set, or add the variable")
			continue
		}
		out.Set = append(out.Set, name)
	}
}
