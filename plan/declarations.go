package plan

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/obsgen/obsgen/dashboards"
	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/rules"
	"github.com/obsgen/obsgen/scenario"
)

// declarations checks what was declared and copies it into the plan, undecided as it is.
func (b *builder) declarations() {
	b.plan.Findings = append(b.plan.Findings, b.plan.Catalog.Check()...)
	for _, f := range b.project.Loaded { // the whole has its names and no prefix of its own
		for _, found := range f.Check() {
			if found.ID == "metric/prefix" {
				b.plan.Findings = append(b.plan.Findings, found)
			}
		}
		if f.Spec.Prefix == "" {
			b.report(f.Site, diag.Error, "metric/prefix", f.Name, "the fragment "+f.Name+" has no prefix", "set CatalogSpec.Prefix, so that its names are no others'")
		}
	}
	b.indexSeries()
	groups := map[string]diag.Site{}
	alerts := map[string]diag.Site{}
	for _, g := range b.project.Groups {
		b.once(groups, "group/duplicate", g.Name, g.Site)
		b.group(g, alerts)
	}
	var declared []*rules.AlertingRule
	for _, g := range b.project.Groups {
		declared = append(declared, g.Alerts...)
	}
	b.plan.Scenarios = b.project.Scenarios
	b.plan.Findings = append(b.plan.Findings, scenario.Check(b.project.Scenarios, b.plan.Catalog, declared)...)
	boards := map[string]diag.Site{}
	for _, d := range b.project.Boards {
		b.once(boards, "dashboard/duplicate", d.UID, d.Site)
		b.board(d)
	}
	b.unlistedMetrics()
}

// once reports a name that is declared a second time; what has it is the family of the id.
func (b *builder) once(seen map[string]diag.Site, id, name string, site diag.Site) {
	if first, ok := seen[name]; ok {
		what, _, _ := strings.Cut(id, "/")
		f := b.report(site, diag.Error, id, name, fmt.Sprintf("%s %s is declared twice", what, name), "rename one of them")
		f.Related = []diag.Related{{At: first.Position(), Message: "first declared here"}}
		return
	}
	seen[name] = site
}

// require reports a field that must be said.
func (b *builder) require(ok bool, site diag.Site, id, subject, message, mend string) {
	if !ok {
		b.report(site, diag.Error, id, subject, message, mend)
	}
}

func (b *builder) group(g *rules.RuleGroup, alerts map[string]diag.Site) {
	owner := cmp.Or(g.Owner, b.project.Owner)
	out := &Group{
		Name: g.Name, Help: g.Help, Owner: owner, Interval: g.Interval, Window: g.Window, Offset: g.Offset, Limit: g.Limit, Site: g.Site, decl: g,
	}
	b.require(owner != "", g.Site, "group/owner", g.Name, "group "+g.Name+" has no owner", "set Group.Owner")
	for _, d := range g.Records {
		b.plan.Findings = append(b.plan.Findings, d.Expr.Findings()...)
		b.require(!d.Expr.IsZero(), d.Site, "record/expr", g.Name, "a recording rule has no expression", "set Recording.Expr")
		b.require(d.Why != "", d.Site, "record/why", g.Name, "a recording rule of "+g.Name+" does not say why it is there", "set Recording.Why")
		if d.Expr.Expr() == nil {
			continue
		}
		r := &Rule{Group: out, Owner: owner, Why: d.Why, Labels: merged(g.Labels, d.Labels), Site: d.Site, decl: d}
		r.Source = Expr{Tree: d.Expr.Expr(), broken: len(d.Expr.Findings()) > 0}
		r.Metrics = d.Expr.Metrics()
		out.Rules = append(out.Rules, r)
	}
	if len(g.Alerts) > 0 {
		b.ownLabels(g.Labels, g.Site, "group "+g.Name, g.Name)
	}
	for _, d := range g.Alerts {
		b.once(alerts, "alert/duplicate", d.Name, d.Site)
		if r := b.alert(g, d, owner); r != nil {
			r.Group = out
			out.Rules = append(out.Rules, r)
		}
	}
	b.plan.Groups = append(b.plan.Groups, out)
}

var (
	alertName = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`)
	fileName  = regexp.MustCompile(`^[a-zA-Z0-9_:-][a-zA-Z0-9_.:-]*$`)
)

// severityFault returns what is wrong with an alert's severity, as the end of a sentence.
func severityFault(s rules.Severity) string {
	if s == "" {
		return "has no severity"
	}
	return fmt.Sprintf("has the severity %q, which is not allowed", string(s))
}

func (b *builder) alert(g *rules.RuleGroup, d *rules.AlertingRule, owner string) *Rule {
	b.plan.Findings = append(b.plan.Findings, d.When.Findings()...)
	owner = cmp.Or(d.Owner, owner)
	for _, need := range []struct {
		ok            bool
		id, what, fix string
	}{
		{fileName.MatchString(d.Name), "alert/file-name", "has a name that cannot name its page", "use letters, digits and _ only"},
		{alertName.MatchString(d.Name) || !fileName.MatchString(d.Name), "alert/name", "is not in CamelCase", "begin with a capital, letters and digits only"},
		{!d.When.IsZero(), "alert/condition", "has no condition", "set Alert.When"},
		{slices.Contains([]rules.Severity{rules.Page, rules.Ticket, rules.Notice}, d.Severity), "alert/severity", severityFault(d.Severity), "set Alert.Severity to rules.Page (critical), rules.Ticket (warning) or rules.Notice (info)"},
		{!d.Summary.IsZero(), "alert/summary", "has no summary", "set Alert.Summary"},
		{d.Means != "", "alert/means", "does not say what users suffer", "set Alert.Means"},
		{len(d.Do) > 0, "alert/do", "does not say what to do", "set Alert.Do"},
		{d.Panel != nil || d.NoPanel != "", "alert/panel", "has no panel to look at", "set Alert.Panel, or the reason in Alert.NoPanel"},
		{d.Panel == nil || d.NoPanel == "", "alert/panel", "has a panel and a reason for having none", "drop one of them"},
		{d.For >= 0 && d.KeepFiringFor >= 0, "alert/for", "waits for a negative time", "use a positive duration"},
	} {
		b.require(need.ok, d.Site, need.id, d.Name, "alert "+d.Name+" "+need.what, need.fix)
	}
	b.ownLabels(d.Labels, d.Site, "alert "+d.Name, d.Name)
	if d.When.Expr() == nil {
		return nil
	}
	r := &Rule{Owner: owner, Labels: merged(g.Labels, d.Labels), Site: d.Site, warn: d, Metrics: d.When.Metrics()}
	for name, value := range map[string]string{rules.SeverityLabel: string(d.Severity), rules.OwnerLabel: owner} {
		if delete(r.Labels, name); value != "" {
			r.Labels[name] = value
		}
	}
	r.Source = Expr{Tree: d.When.Expr(), broken: len(d.When.Findings()) > 0}
	r.Alert = &Alert{
		Name: d.Name, For: d.For, KeepFiringFor: d.KeepFiringFor, Severity: d.Severity, Expects: d.Expects,
		Means: d.Means, Do: d.Do, Mitigate: d.Mitigate, NoPanel: string(d.NoPanel), NoProof: string(d.NoProof),
	}
	r.Alert.Value.Tree = d.When.Value().Expr()
	r.Alert.Op, r.Alert.Threshold, r.Alert.HasThreshold = d.When.Threshold()
	return r
}

// ownLabels reports labels that fields of their own set, of an alert or for all alerts of a group.
func (b *builder) ownLabels(labels map[string]string, site diag.Site, what, subject string) {
	for _, l := range []struct{ name, field string }{{rules.SeverityLabel, "Alert.Severity"}, {rules.OwnerLabel, "Alert.Owner, Group.Owner or the project's Owner"}} {
		if value, ok := labels[l.name]; ok {
			b.report(site, diag.Error, "alert/label", subject, fmt.Sprintf("%s has the label %s=%q, which another field sets", what, l.name, value), "leave it out of Labels and set "+l.field)
		}
	}
}

func merged(ms ...map[string]string) map[string]string {
	out := map[string]string{}
	for _, m := range ms {
		maps.Copy(out, m)
	}
	return out
}

// longestUID is Grafana's limit for the uid of a dashboard.
const longestUID = 40

var uidForm = regexp.MustCompile(`^[a-zA-Z0-9_-]+$`)

func (b *builder) board(d *dashboards.Board) {
	last := d.Last
	if last == 0 {
		last = time.Hour
	}
	out := &Board{
		UID: d.UID, Title: d.Title, Purpose: d.Purpose, Folder: cmp.Or(d.Folder, b.project.Title),
		Tags:  append(slices.Clone(b.project.Tags), d.Tags...),
		Owner: cmp.Or(d.Owner, b.project.Owner), Refresh: d.Refresh, Last: last, Site: d.Site, decl: d,
	}
	b.require(uidForm.MatchString(d.UID) && len(d.UID) <= longestUID, d.Site, "dashboard/uid", d.UID,
		fmt.Sprintf("%q is no uid of a dashboard", d.UID), fmt.Sprintf("use letters, digits, - and _, at most %d of them", longestUID))
	b.require(d.Title != "", d.Site, "dashboard/title", d.UID, "dashboard "+d.UID+" has no title", "set Dashboard.Title")
	b.require(d.Purpose != "", d.Site, "dashboard/purpose", d.UID, "dashboard "+d.UID+" does not say what it answers", "set Dashboard.Purpose")
	b.require(out.Owner != "", d.Site, "dashboard/owner", d.UID, "dashboard "+d.UID+" has no owner", "set Dashboard.Owner or the project's")
	titles := map[string]diag.Site{}
	for _, row := range d.Rows {
		r := Row{Title: row.Title, Collapsed: row.Collapsed}
		if row.Repeat != nil {
			r.Repeat = row.Repeat.Def().Name
			if !slices.ContainsFunc(d.Variables, func(v dashboards.Variable) bool { return v.Label == row.Repeat.Def() }) {
				b.report(d.Site, diag.Error, "row/repeat", d.UID,
					fmt.Sprintf("row %q repeats by %s, which is no variable of the dashboard", row.Title, r.Repeat), "add dashboards.Values of the label")
			}
		}
		b.require(row.Title != "" || !row.Collapsed && row.Repeat == nil, d.Site, "row/title", d.UID,
			"a row that collapses or repeats has no title", "set Row.Title")
		for _, p := range row.Panels {
			if p == nil {
				b.report(d.Site, diag.Error, "panel/nil", d.UID, "row "+row.Title+" has a panel that is nil", "drop it")
				continue
			}
			b.once(titles, "panel/duplicate", p.Title, p.Site)
			r.Panels = append(r.Panels, b.panel(d, out, p))
		}
		out.Rows = append(out.Rows, r)
	}
	for _, a := range d.Annotations {
		b.plan.Findings = append(b.plan.Findings, a.On.Findings()...)
		if a.On.Expr() == nil {
			b.report(d.Site, diag.Error, "annotation/condition", d.UID, "annotation "+a.Title+" has no condition", "set Annotation.On")
			continue
		}
		out.Annotations = append(out.Annotations, Annotation{
			Title: a.Title, Expr: Expr{Tree: a.On.Expr()}, Text: legendText(a.Text), Level: a.Level, Hidden: a.Hidden,
		})
	}
	b.plan.Boards = append(b.plan.Boards, out)
}

// withData are the panel kinds that ask for data.
func withData(k dashboards.Kind) bool { return k != dashboards.KindText }

func (b *builder) panel(d *dashboards.Board, board *Board, p *dashboards.Panel) *Panel {
	out := &Panel{
		Title: p.Title, Kind: p.Kind, Shows: p.Shows, BadWhen: p.BadWhen, Reduce: p.Reduce, Stack: p.Stack,
		LogScale: p.LogScale, NoGraph: p.NoGraph, Donut: p.Donut, Markdown: p.Markdown, Site: p.Site, decl: p,
	}
	if out.Reduce == "" {
		out.Reduce = dashboards.Newest
	}
	b.require(strings.TrimSpace(p.Title) != "" || p.Kind == dashboards.KindText, p.Site, "panel/title", d.UID, "a panel has no title", "give it one")
	if withData(p.Kind) {
		b.require(len(p.Series) > 0, p.Site, "panel/query", p.Title, fmt.Sprintf("panel %q has no query", p.Title), "set Query")
		b.require(p.Shows != "", p.Site, "panel/shows", p.Title, fmt.Sprintf("panel %q does not say what it shows", p.Title), "set Shows")
		b.require(p.BadWhen != "", p.Site, "panel/bad-when", p.Title, fmt.Sprintf("panel %q does not say what a bad value means", p.Title), "set BadWhen")
	}
	b.require(p.Window >= 0 || p.Window == dashboards.Zoom, p.Site, "panel/window", p.Title, fmt.Sprintf("panel %q has a negative window", p.Title), "use a positive duration, or dashboards.Zoom")
	if p.Window == 0 && d.Window != 0 {
		copied := *p
		copied.Window = d.Window
		out.decl = &copied
	}
	for i, s := range p.Series {
		b.plan.Findings = append(b.plan.Findings, s.Query.Findings()...)
		if s.Query.Expr() == nil {
			b.report(p.Site, diag.Error, "panel/query", p.Title, fmt.Sprintf("query %s of panel %q is no expression", refID(i), p.Title), "give it one")
			continue
		}
		out.Targets = append(out.Targets, Target{
			RefID: refID(i), Source: Expr{Tree: s.Query.Expr(), broken: len(s.Query.Findings()) > 0}, Legend: legendText(s.Legend), Down: s.Down,
			Instant: instant(p),
			Buckets: p.Kind == dashboards.KindHeatmap,
		})
	}
	if first, ok := b.panels[p]; ok {
		b.report(p.Site, diag.Error, "panel/duplicate", p.Title,
			fmt.Sprintf("panel %q stands on %s and %s", p.Title, first.board.UID, board.UID), "declare it by a function, once for each")
	} else {
		b.panels[p] = placed{board, out}
	}
	return out
}

// instant reports whether a panel asks for one moment. Bars and pies of another reduction need the samples that it
// reduces.
func instant(p *dashboards.Panel) bool {
	switch p.Kind {
	case dashboards.KindTable:
		return true
	case dashboards.KindBarGauge, dashboards.KindPie:
		return p.Reduce == "" || p.Reduce == dashboards.Newest
	}
	return false
}

// refID returns A to Z, then AA and so on.
func refID(i int) string {
	if i < 26 {
		return string(rune('A' + i))
	}
	return refID(i/26-1) + refID(i%26)
}

// legendText prints a legend with Grafana's {{label}} for values.
func legendText(l dashboards.Legend) string {
	var parts []string
	if l.Text != "" {
		parts = append(parts, l.Text)
	}
	for _, x := range l.Labels {
		parts = append(parts, "{{"+x.Name+"}}")
	}
	return strings.Join(parts, " ")
}
