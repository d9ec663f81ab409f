// Package docs writes a plan as Markdown that people read on GitHub: a reference of the metrics, a runbook for each
// alert, the recording rules, and what stands on each dashboard. Every page is linked with those it speaks of.
package docs

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/plan"
	"github.com/obsgen/obsgen/render/tree"
	"github.com/obsgen/obsgen/rules"
)

// root is the folder of the docs in the output.
const root = "docs"

// Render returns docs/README.md with the folders metrics, alerts, rules and dashboards, and the pictures that the plan has.
func Render(p *plan.Plan) ([]tree.File, error) {
	w := &writer{plan: p, groups: map[*catalog.Group]string{}, anchors: map[*plan.Panel]string{}, series: p.Catalog.Index()}
	for _, b := range p.Boards {
		w.anchorPanels(b)
	}
	taken := map[string]bool{}
	for _, g := range p.Catalog.Groups() {
		name := anchor(g.Title)
		for taken[name] {
			name += "-"
		}
		taken[name] = true
		w.groups[g] = "metrics/" + name + ".md"
	}
	pages := []*page{w.index(), w.alertIndex(), w.ruleIndex(), w.metricIndex(), w.boardIndex()}
	for _, g := range p.Catalog.Groups() {
		if w.described(g) {
			pages = append(pages, w.group(g))
		}
	}
	for _, r := range w.plan.Alerts() {
		pages = append(pages, w.alert(r))
	}
	for _, b := range p.Boards {
		pages = append(pages, w.board(b))
	}
	files := make([]tree.File, len(pages))
	for i, p := range pages {
		files[i] = p.file()
	}
	for _, b := range p.Boards {
		if data := p.Pictures[b.UID]; data != nil {
			files = append(files, tree.File{Path: path.Join(root, boardPicture(b)), Data: data})
		}
	}
	return files, nil
}

// writer knows where everything is described.
type writer struct {
	plan    *plan.Plan
	groups  map[*catalog.Group]string
	anchors map[*plan.Panel]string // on the page of the panel's dashboard
	series  map[string]catalog.Series
}

// anchorPanels finds the fragments of a dashboard's panels. Where a row or the dashboard has the same title GitHub
// counts: requests, requests-1.
func (w *writer) anchorPanels(b *plan.Board) {
	taken := map[string]int{}
	next := func(title string) string {
		a := anchor(title)
		n := taken[a]
		taken[a]++
		if n > 0 {
			a = fmt.Sprintf("%s-%d", a, n)
		}
		return a
	}
	next(b.Title)
	for _, r := range b.Rows {
		if r.Title != "" {
			next(r.Title)
		}
		for _, x := range r.Panels {
			w.anchors[x] = next(x.Title)
		}
	}
}

// described reports whether a group has a page: those of others only where something reads them.
func (w *writer) described(g *catalog.Group) bool {
	return !g.External || slices.ContainsFunc(g.Metrics(), func(m *catalog.Metric) bool { return len(w.plan.Readers[m]) > 0 })
}

// records returns the recording rules, in the order of their groups.
func (w *writer) records() []*plan.Rule {
	var out []*plan.Rule
	for _, g := range w.plan.Groups {
		for _, r := range g.Rules {
			if r.Alert == nil {
				out = append(out, r)
			}
		}
	}
	return out
}

// to returns the address of a page as a page writes it.
func to(from *page, target string) string {
	file, fragment, _ := strings.Cut(target, "#")
	if file == from.path {
		return "#" + fragment
	}
	up := strings.Repeat("../", strings.Count(from.path, "/"))
	if path.Dir(file) == path.Dir(from.path) {
		up, file = "", path.Base(file)
	}
	if fragment != "" {
		file += "#" + fragment
	}
	return up + file
}

// The pages that others point to.
const (
	indexPage  = "README.md"
	alertsPage = "alerts/README.md"
	rulesPage  = "rules/README.md"
	metricPage = "metrics/README.md"
	boardsPage = "dashboards/README.md"
)

func alertPage(r *plan.Rule) string { return "alerts/" + r.Alert.Name + ".md" }

func boardPage(b *plan.Board) string { return "dashboards/" + b.UID + ".md" }

func boardPicture(b *plan.Board) string { return "dashboards/" + b.UID + ".png" }

func (w *writer) metricRef(from *page, m *catalog.Metric) string {
	if !w.described(m.Group) {
		return mono(m.Name)
	}
	return monoLink(m.Name, to(from, w.groups[m.Group]+"#"+anchor(m.Name)))
}

func ruleRef(from *page, r *plan.Rule) string {
	if r.Alert != nil {
		return link(r.Alert.Name, to(from, alertPage(r)))
	}
	return monoLink(r.Record, to(from, rulesPage+"#"+anchor(r.Record)))
}

func (w *writer) panelRef(from *page, b *plan.Board, p *plan.Panel) string {
	return link(p.Title, to(from, boardPage(b)+"#"+w.anchors[p]))
}

// readers says which panels and rules read something, the panels by dashboard.
func (w *writer) readers(from *page, rs []plan.Reader) []string {
	var out []string
	byBoard := map[*plan.Board][]string{}
	for _, r := range rs {
		if r.Panel != nil {
			byBoard[r.Board] = append(byBoard[r.Board], w.panelRef(from, r.Board, r.Panel))
		}
	}
	for _, b := range w.plan.Boards {
		if panels := byBoard[b]; len(panels) > 0 {
			out = append(out, fmt.Sprintf("%s: %s", link(b.Title, to(from, boardPage(b))), strings.Join(panels, ", ")))
		}
	}
	for _, kind := range []struct {
		name  string
		alert bool
	}{{"Alerts", true}, {"Recording rules", false}} {
		var refs []string
		for _, r := range rs {
			if r.Rule != nil && (r.Rule.Alert != nil) == kind.alert {
				refs = append(refs, ruleRef(from, r.Rule))
			}
		}
		if len(refs) > 0 {
			out = append(out, kind.name+": "+strings.Join(refs, ", "))
		}
	}
	return out
}

func (w *writer) index() *page {
	p := newPage(indexPage, w.plan.Title)
	p.para(fmt.Sprintf("How %s is observed: %s, %s, %s and %s, for the profile %s.", escape(w.plan.Title),
		link(diag.Counted(len(w.plan.Catalog.Own()), "metric"), metricPage), link(diag.Counted(len(w.plan.Alerts()), "alert"), alertsPage),
		link(diag.Counted(len(w.records()), "recording rule"), rulesPage), link(diag.Counted(len(w.plan.Boards), "dashboard"), boardsPage), mono(w.plan.Profile.Name)))
	p.para("These pages are written by `obsgen build`; edits are lost.")
	p.heading(2, "An alert fired")
	p.para("Its page says what users suffer, where to look and what to do:")
	w.alertTable(p, rules.Page)
	p.para(link("All alerts", alertsPage))
	p.heading(2, "Dashboards")
	w.boardTable(p)
	p.heading(2, "Metrics")
	w.groupTable(p)
	return p
}

func (w *writer) boardTable(p *page) {
	var rows [][]string
	for _, b := range w.plan.Boards {
		rows = append(rows, []string{link(b.Title, to(p, boardPage(b))), escape(b.Purpose), fmt.Sprint(len(b.Panels()))})
	}
	p.table([]string{"Dashboard", "The question it answers", "Panels"}, rows)
}

func (w *writer) boardIndex() *page {
	p := newPage(boardsPage, "Dashboards")
	p.para(link(w.plan.Title, to(p, indexPage)), "· what stands on each dashboard, and which alerts watch it.")
	w.boardTable(p)
	for _, b := range w.plan.Boards {
		if w.plan.Pictures[b.UID] != nil {
			p.heading(2, b.Title)
			p.para(fmt.Sprintf("[![%s](%s)](%s)", escape(b.Title), to(p, boardPicture(b)), to(p, boardPage(b))))
		}
	}
	return p
}
