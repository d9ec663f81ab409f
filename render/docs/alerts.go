package docs

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/plan"
	"github.com/obsgen/obsgen/query"
	"github.com/obsgen/obsgen/rules"
	"github.com/obsgen/obsgen/unit"
)

// alertTable lists the alerts of some severities; none given means all.
func (w *writer) alertTable(p *page, severities ...rules.Severity) {
	var rows [][]string
	for _, r := range w.plan.Alerts() {
		if len(severities) > 0 && !slices.Contains(severities, r.Alert.Severity) {
			continue
		}
		rows = append(rows, []string{link(r.Alert.Name, to(p, alertPage(r))), string(r.Alert.Severity), escape(r.Alert.Means), owner(r.Owner)})
	}
	p.table([]string{"Alert", "Severity", "What users suffer", "Owner"}, rows)
}

func (w *writer) alertIndex() *page {
	p := newPage(alertsPage, "Alerts")
	p.para(link(w.plan.Title, to(p, indexPage)), "· **critical** wakes somebody, **warning** is looked at in working hours, **info** is for the record.")
	w.alertTable(p)
	return p
}

var comparison = map[query.Comparison]string{
	query.Greater: "above", query.GreaterEqual: "at or above", query.Less: "below", query.LessEqual: "at or below",
	query.EqualTo: "equal to", query.NotEqualTo: "other than",
}

// alert is the runbook of one alert.
func (w *writer) alert(r *plan.Rule) *page {
	a := r.Alert
	p := newPage(alertPage(r), a.Name)
	p.para(link("Alerts", to(p, alertsPage)), fmt.Sprintf("· **%s** · owner: %s · group: %s", a.Severity, owner(r.Owner), mono(r.Group.Name)))
	if a.SummaryText != "" {
		p.para("> " + escape(a.SummaryText))
	}

	p.heading(2, "Meaning")
	p.para(w.meaning(r))
	p.code("promql", r.Expr.Pretty())
	if r.Source.Text() != r.Expr.Text() {
		p.folded("the same without recorded series", func() { p.code("promql", r.Source.Pretty()) })
	}

	if a.Means != "" {
		p.heading(2, "Impact")
		p.para(escape(a.Means))
	}

	p.heading(2, "Diagnosis")
	p.steps(escaped(a.Do)...)
	w.whereToLook(p, r)

	p.heading(2, "Mitigation")
	if len(a.Mitigate) > 0 {
		p.steps(escaped(a.Mitigate)...)
	} else {
		p.para("Nothing ends the harm before its cause is known.")
	}

	p.heading(2, "Silence")
	w.silence(p, r)

	p.heading(2, "What feeds it")
	w.feeds(p, r)
	return p
}

// meaning says in a sentence when the alert fires.
func (w *writer) meaning(r *plan.Rule) string {
	a := r.Alert
	var b strings.Builder
	if a.HasThreshold {
		fmt.Fprintf(&b, "It fires when the value is %s **%s**", comparison[a.Op], escape(a.Value.Type.Unit.Format(a.Threshold)))
	} else {
		b.WriteString("It fires when the condition has any series")
	}
	if names := r.Expr.Type.Labels.Names(); len(names) > 0 {
		var by []string
		for _, n := range names {
			by = append(by, mono(n))
		}
		b.WriteString(", for each " + listed(by))
	}
	if e, ok := r.Expr.Tree.(*parser.BinaryExpr); ok {
		switch e.Op {
		case parser.LAND:
			b.WriteString(", while the second condition holds as well")
		case parser.LUNLESS:
			b.WriteString(", while the second condition does not hold")
		}
	}
	if a.For > 0 {
		b.WriteString(", for " + unit.Prose(a.For))
	} else {
		b.WriteString(", at once")
	}
	fmt.Fprintf(&b, ". It is evaluated every %s", unit.Prose(r.Group.Interval))
	if a.KeepFiringFor > 0 {
		fmt.Fprintf(&b, " and goes on firing for %s after the condition ended", unit.Prose(a.KeepFiringFor))
	}
	return b.String() + "."
}

// listed joins texts as prose does.
func listed(ss []string) string {
	if len(ss) < 2 {
		return strings.Join(ss, "")
	}
	return strings.Join(ss[:len(ss)-1], ", ") + " and " + ss[len(ss)-1]
}

// whereToLook names the panel and gives queries: the value, and each metric by the labels that the alert sums over.
func (w *writer) whereToLook(p *page, r *plan.Rule) {
	a := r.Alert
	switch {
	case a.Panel != nil && w.plan.Profile.GrafanaURL != "":
		address := fmt.Sprintf("%s/d/%s?viewPanel=%d", strings.TrimSuffix(w.plan.Profile.GrafanaURL, "/"), a.Board.UID, a.Panel.ID)
		p.para(fmt.Sprintf("Look at the panel %s of %s (%s).", w.panelRef(p, a.Board, a.Panel), link(a.Board.Title, to(p, boardPage(a.Board))), link("open it", address)))
	case a.Panel != nil:
		p.para(fmt.Sprintf("Look at the panel %s of %s.", w.panelRef(p, a.Board, a.Panel), link(a.Board.Title, to(p, boardPage(a.Board)))))
	case a.NoPanel != "":
		p.para("There is no panel to look at: " + escape(a.NoPanel) + ".")
	}
	if a.HasThreshold {
		p.para("The value, also while it is in bounds:")
		p.code("promql", a.Value.Pretty())
	}
	kept := r.Source.Type.Labels.Names()
	for _, m := range r.Metrics {
		if m.Group.External {
			continue
		}
		var items []string
		for _, by := range breakdowns(m, kept) {
			items = append(items, fmt.Sprintf("%s: %s", mono(by.label), mono(query.Text(by.expr, window, false))))
		}
		if len(items) > 0 {
			p.para(w.metricRef(p, m), "by the labels that the alert sums over:")
			p.bullets(items...)
		}
	}
}

type breakdown struct {
	label string
	expr  parser.Expr
}

// breakdowns returns a metric by each label that an alert does not keep, and those that it keeps.
func breakdowns(m *catalog.Metric, kept []string) []breakdown {
	var by []string
	for _, l := range m.Labels {
		if slices.Contains(kept, l.Name) {
			by = append(by, l.Name)
		}
	}
	var out []breakdown
	for _, l := range m.Labels {
		if !slices.Contains(kept, l.Name) {
			out = append(out, breakdown{l.Name, look(m, append(slices.Clone(by), l.Name))})
		}
	}
	return out
}

// silenced is for how long the ready silence holds: time to mend something, and not to forget it.
const silenced = "2h"

// alertmanager is where an Alertmanager listens by default.
const alertmanager = "localhost:9093"

// silence gives a silence to paste and one to click, and the labels that narrow it.
func (w *writer) silence(p *page, r *plan.Rule) {
	address := alertmanager
	if as := w.plan.Profile.Alertmanagers; len(as) > 0 {
		address = as[0]
	}
	matcher := fmt.Sprintf("alertname=%q", r.Alert.Name)
	p.code("sh", fmt.Sprintf("amtool silence add --alertmanager.url=http://%s \\\n  --duration=%s --comment='why, and who mends it' \\\n  '%s'", address, silenced, matcher))
	p.para("Or "+link("in the browser", fmt.Sprintf("http://%s/#/silences/new?filter=%s", address, url.QueryEscape("{"+matcher+"}")))+".", w.narrower(r))
}

func (w *writer) narrower(r *plan.Rule) string {
	var names []string
	for _, n := range r.Source.Type.Labels.Names() {
		names = append(names, mono(n))
	}
	if len(names) == 0 {
		return ""
	}
	return "Add a matcher of " + strings.ReplaceAll(listed(names), " and ", " or ") + " to silence no more than is known."
}

// feeds draws the way from the metrics to the alert, and lists it.
func (w *writer) feeds(p *page, r *plan.Rule) {
	g := graph{ids: map[string]string{}}
	seen := map[*plan.Rule]bool{}
	var order []*plan.Rule // the alert, and then what it reads
	var follow func(x *plan.Rule)
	follow = func(x *plan.Rule) {
		if seen[x] {
			return
		}
		seen[x] = true
		order = append(order, x)
		for _, m := range w.direct(x) {
			g.edge(m.Name, x.Name())
		}
		for _, from := range x.Reads {
			g.edge(from.Name(), x.Name())
			follow(from)
		}
	}
	follow(r)
	if r.Alert.Panel != nil {
		g.edge(r.Alert.Name, r.Alert.Board.Title+": "+r.Alert.Panel.Title)
	}
	p.code("mermaid", g.String())
	var items []string
	for _, m := range r.Metrics {
		items = append(items, fmt.Sprintf("%s: %s", w.metricRef(p, m), escape(m.Help)))
	}
	for _, x := range order[1:] {
		items = append(items, fmt.Sprintf("%s: %s", ruleRef(p, x), escape(x.Why)))
	}
	p.bullets(items...)
}

// direct returns the metrics whose own series a rule's expression reads, in its final form.
func (w *writer) direct(r *plan.Rule) []*catalog.Metric {
	var out []*catalog.Metric
	query.Walk(r.Expr.Tree, func(e parser.Expr) {
		if vs, ok := e.(*parser.VectorSelector); ok {
			if s, ok := w.series[vs.Name]; ok && !slices.Contains(out, s.Metric) {
				out = append(out, s.Metric)
			}
		}
	})
	return out
}

// graph is a flow chart in Mermaid's language.
type graph struct {
	ids   map[string]string
	nodes []string
	edges []string
}

func (g *graph) node(text string) string {
	id, ok := g.ids[text]
	if !ok {
		id = fmt.Sprintf("n%d", len(g.ids)+1)
		g.ids[text] = id
		g.nodes = append(g.nodes, fmt.Sprintf("  %s[\"%s\"]", id, strings.ReplaceAll(text, `"`, "#quot;")))
	}
	return id
}

func (g *graph) edge(from, to string) {
	e := fmt.Sprintf("  %s --> %s", g.node(from), g.node(to))
	if !slices.Contains(g.edges, e) {
		g.edges = append(g.edges, e)
	}
}

// String returns the chart's source.
func (g *graph) String() string {
	return "flowchart LR\n" + strings.Join(slices.Concat(g.nodes, g.edges), "\n")
}
