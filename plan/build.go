package plan

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/dashboards"
	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/infer"
	"github.com/obsgen/obsgen/project"
	"github.com/obsgen/obsgen/query"
	"github.com/obsgen/obsgen/unit"
)

// New resolves a project for one profile. Faults of the declarations are in the plan's Findings; the plan is
// whole all the same, as far as they allow.
func New(p *project.Project, profile project.Profile) *Plan {
	p = p.Whole()
	b := &builder{
		project: p,
		plan: &Plan{
			Name: p.Name, Title: p.Title, Version: cmp.Or(p.Version, "0.1.0"), Owner: p.Owner, Profile: profile, Catalog: p.Catalog,
			Readers: map[*catalog.Metric][]Reader{},
		},
		panels: map[*dashboards.Panel]placed{},
		series: map[string]seriesInfo{}, outside: map[string]*catalog.Group{},
	}
	for _, pass := range passes {
		pass.run(b)
	}
	b.plan.Findings = diag.Unique(b.plan.Findings)
	diag.Sort(b.plan.Findings)
	return b.plan
}

// passes decide, in this order, what the declarations leave open.
var passes = []struct {
	name string
	run  func(*builder)
}{
	{"declarations", (*builder).declarations},
	{"windows", (*builder).windows},
	{"scope", (*builder).scope},
	{"thresholds of the profile", (*builder).overrideThresholds},
	{"record names", (*builder).nameRecords},
	{"record types", (*builder).typeRecords},
	{"recorded series", (*builder).substituteRecords},
	{"variables", (*builder).filterPanels},
	{"order", (*builder).orderGroups},
	{"types", (*builder).types},
	{"units", (*builder).panelUnits},
	{"legends", (*builder).legends},
	{"ids", (*builder).ids},
	{"layout", (*builder).layout},
	{"alerts on panels", (*builder).drawAlerts},
	{"alert texts", (*builder).texts},
	{"routes", (*builder).routes},
	{"links", (*builder).links},
	{"readers", (*builder).readers},
	{"descriptions", (*builder).describePanels},
}

type builder struct {
	project *project.Project
	plan    *Plan
	records []*recorded
	panels  map[*dashboards.Panel]placed
	series  map[string]seriesInfo     // by the name of the series
	outside map[string]*catalog.Group // those of groups that the catalog lacks, by the name of a series that a query reads
}

type placed struct {
	board *Board
	panel *Panel
}

// seriesInfo is what filters need to know of a series.
type seriesInfo struct {
	labels map[string]*catalog.LabelDef
	series catalog.Series // of the catalog, zero for a recorded one
	rule   *Rule          // of a recorded one
}

func (b *builder) report(site diag.Site, severity diag.Severity, id, subject, message, mend string) *diag.Finding {
	fs := &b.plan.Findings
	*fs = append(*fs, diag.Finding{ID: id, Severity: severity, At: site.Position(), Subject: subject, Message: message, Mend: mend})
	return &(*fs)[len(*fs)-1]
}

// indexSeries fills the table of the catalog's series.
func (b *builder) indexSeries() {
	for name, s := range b.plan.Catalog.Index() {
		info := seriesInfo{labels: map[string]*catalog.LabelDef{}, series: s}
		for _, l := range s.Metric.Labels {
			info.labels[l.Name] = l
		}
		if !s.Metric.Group.Synthetic {
			info.labels[catalog.Job.Name] = catalog.Job.LabelDef
			info.labels[catalog.Instance.Name] = catalog.Instance.LabelDef
		}
		b.series[name] = info
	}
}

// typeRecords infers what each recorded series is and lets later expressions see it.
func (b *builder) typeRecords() {
	b.plan.Env = infer.NewEnv(b.plan.Catalog, catalog.Job.LabelDef, catalog.Instance.LabelDef)
	for _, g := range b.plan.Groups {
		for _, r := range g.Rules {
			if r.decl == nil {
				continue
			}
			t := infer.Infer(r.Source.Tree, b.plan.Env).Root()
			b.plan.Env.Record(r.Record, t)
			rec := newRecorded(r, r.Source.Tree)
			rec.keeps = map[string]bool{}
			info := seriesInfo{labels: map[string]*catalog.LabelDef{}, rule: r}
			for _, l := range t.Labels.Names() {
				rec.keeps[l] = true
				if def := b.labelDef(r.Source.Tree, l); def != nil {
					info.labels[l] = def
				}
			}
			b.series[r.Record] = info
			b.records = append(b.records, rec)
		}
	}
	slices.SortStableFunc(b.records, func(x, y *recorded) int {
		return len(y.text) - len(x.text) // the largest part that is recorded is the one to read
	})
}

// labelDef returns the definition of a label that the series of an expression carry.
func (b *builder) labelDef(e parser.Expr, name string) *catalog.LabelDef {
	var def *catalog.LabelDef
	query.Walk(e, func(n parser.Expr) {
		if vs, ok := n.(*parser.VectorSelector); ok && def == nil {
			def = b.series[vs.Name].labels[name]
		}
	})
	return def
}

// types infers every expression in its final form and reports what is wrong with it.
func (b *builder) types() {
	for _, g := range b.plan.Groups {
		for _, r := range g.Rules {
			b.infer(&r.Source, r.Site, r.Name(), true)
			b.infer(&r.Expr, r.Site, r.Name(), false)
			if r.Alert != nil {
				b.infer(&r.Alert.Value, r.Site, r.Name(), false)
			}
		}
	}
	for _, board := range b.plan.Boards {
		for _, p := range board.Panels() {
			for i := range p.Targets {
				t := &p.Targets[i]
				b.infer(&t.Source, p.Site, p.Title, true)
				if t.Expr.Tree == t.Source.Tree {
					t.Expr.Type = t.Source.Type
				} else {
					b.infer(&t.Expr, p.Site, p.Title, false)
				}
			}
		}
		for i := range board.Annotations {
			b.infer(&board.Annotations[i].Expr, board.Site, board.UID, true)
		}
	}
}

// infer types an expression; the faults of the form that was written are reported, not those of the
// rewritten one, which would say the same twice.
func (b *builder) infer(e *Expr, site diag.Site, subject string, report bool) {
	if e.Tree == nil {
		return
	}
	table := infer.Infer(e.Tree, b.plan.Env)
	e.Type = table.Root()
	if !report {
		return
	}
	for _, f := range table.Faults() {
		if vs, ok := f.Node.(*parser.VectorSelector); ok && f.ID == "name/unknown-metric" && b.outside[vs.Name] != nil {
			continue // its group is reported
		}
		if e.broken && f.ID == "label/not-in-metric" {
			continue // the construction has said so, as query/label
		}
		d := b.report(site, f.Severity, f.ID, subject, f.Message, f.Mend)
		d.Why = f.Why
	}
}

// windows fixes the windows and intervals of rules, and those of panels that do not follow the zoom.
func (b *builder) windows() {
	for _, g := range b.plan.Groups {
		if g.Interval == 0 {
			g.Interval = b.plan.Profile.EvaluationInterval
		}
		g.Window = b.window(g.Window, 5*time.Minute)
		for _, r := range g.Rules {
			r.Source.Tree = query.SetWindow(r.Source.Tree, g.Window)
			if r.Alert != nil {
				r.Alert.Value.Tree = query.SetWindow(r.Alert.Value.Tree, g.Window)
			}
		}
	}
	for _, board := range b.plan.Boards {
		for _, p := range board.Panels() {
			for i := range p.Targets {
				t := &p.Targets[i]
				if p.decl.Window > 0 {
					t.Source.Tree = query.SetWindow(t.Source.Tree, b.window(p.decl.Window, 0))
				}
				t.Expr.Tree = t.Source.Tree
			}
		}
	}
}

// samplesPerWindow is how many scrapes a rate's window spans at least, so that a lost one or two do not
// empty it: the usual advice for rate, see https://prometheus.io/docs/prometheus/latest/querying/functions/#rate.
const samplesPerWindow = 4

// window returns a declared window, the usual one where none is declared, and a longer one where the
// profile scrapes too seldom for it.
func (b *builder) window(declared, usual time.Duration) time.Duration {
	if declared == 0 {
		declared = usual
	}
	return max(declared, samplesPerWindow*b.plan.Profile.ScrapeInterval)
}

// overrideThresholds puts the profile's numbers in the place of those that alerts compare with.
func (b *builder) overrideThresholds() {
	left := maps.Clone(b.plan.Profile.Thresholds)
	var alerts []string
	for _, g := range b.plan.Groups {
		for _, r := range g.Rules {
			if r.Alert == nil {
				continue
			}
			alerts = append(alerts, r.Alert.Name)
			x, ok := left[r.Alert.Name]
			if !ok {
				continue
			}
			delete(left, r.Alert.Name)
			if !r.Alert.HasThreshold {
				b.report(r.Site, diag.Error, "profile/threshold", r.Alert.Name,
					fmt.Sprintf("profile %s sets a threshold for %s, whose condition is not a comparison with one number", b.plan.Profile.Name, r.Alert.Name),
					"drop the override")
				continue
			}
			r.Source.Tree = replaceThreshold(r.Source.Tree, r.Alert, x)
			r.Expr.Tree = r.Source.Tree
			r.Alert.Threshold = x
		}
	}
	for _, name := range slices.Sorted(maps.Keys(left)) {
		site, fix := b.project.Site, "obsgen list alerts names those that there are"
		if p, ok := b.plan.Profile.ThresholdsAt[name]; ok {
			site = diag.SiteAt(p)
		}
		if near := diag.Nearest(name, alerts); near != "" {
			fix = "did you mean " + near + "?"
		}
		b.report(site, diag.Error, "profile/threshold", name,
			fmt.Sprintf("profile %s sets a threshold for %s, which is no alert", b.plan.Profile.Name, name), fix)
	}
}

// replaceThreshold exchanges the number of the comparison that the alert's value stands in.
func replaceThreshold(e parser.Expr, a *Alert, x float64) parser.Expr {
	value, done := a.Value.Tree.String(), false
	return query.Map(e, func(n parser.Expr) parser.Expr {
		c, ok := n.(*parser.BinaryExpr)
		if !ok || done || c.Op != parser.ItemType(a.Op) {
			return n
		}
		left := c.LHS
		if p, ok := left.(*parser.ParenExpr); ok {
			left = p.Expr
		}
		if num, ok := c.RHS.(*parser.NumberLiteral); ok && num.Val == a.Threshold && left.String() == value {
			c.RHS, done = &parser.NumberLiteral{Val: x}, true
		}
		return c
	})
}

// panelUnits takes each panel's unit, range and states from its queries.
func (b *builder) panelUnits() {
	for _, board := range b.plan.Boards {
		for _, p := range board.Panels() {
			if len(p.Targets) == 0 {
				continue
			}
			b.panelUnit(p)
		}
	}
}

func (b *builder) panelUnit(p *Panel) {
	first := p.Targets[0].Source.Type
	p.Unit = valueUnit(p, first)
	lo, hi := first.Range.Lo, first.Range.Hi
	for _, t := range p.Targets[1:] {
		u := valueUnit(p, t.Source.Type)
		if p.Kind != dashboards.KindTable { // each column has a unit of its own
			if !u.Fits(p.Unit) {
				b.report(p.Site, diag.Error, "unit/union", p.Title,
					fmt.Sprintf("panel %q shows %s and %s on one axis", p.Title, p.Unit, u), "split the panel")
			}
			p.Unit = unit.Common(p.Unit, u)
		}
		lo, hi = min(lo, t.Source.Type.Range.Lo), max(hi, t.Source.Type.Range.Hi)
	}
	if p.decl.ShowAs != unit.Unknown {
		if p.decl.ShowAsWhy == "" {
			b.report(p.Site, diag.Error, "panel/unit", p.Title,
				fmt.Sprintf("panel %q shows %s as %s without a reason", p.Title, p.Unit, p.decl.ShowAs), "say why in ShowAsWhy")
		}
		p.Unit = p.decl.ShowAs
	}
	if !p.Unit.IsKnown() && !p.Unit.IsLiteral() && !b.broken(p) {
		b.report(p.Site, diag.Error, "panel/unit", p.Title,
			fmt.Sprintf("the unit of panel %q is not known: %s", p.Title, p.Targets[0].Source.Text()),
			"give the metric a unit, or set ShowAs with its reason")
	}
	if m := first.Metric; m != nil && p.Unit.IsState() {
		p.States = m.States
	}
	if p.Unit.IsShare() || p.Kind == dashboards.KindGauge {
		if finite(lo) {
			p.Min = &lo
		}
		// The axis of a share ends at 100% only on a dial: on a graph the lines would lie flat.
		if finite(hi) && p.Kind == dashboards.KindGauge {
			p.Max = &hi
		}
	}
	if lo == 0 && p.Min == nil && !p.HasDown() && !p.LogScale {
		zero := 0.0
		p.Min = &zero
	}
	if p.Kind == dashboards.KindGauge && (p.Min == nil || p.Max == nil) {
		b.report(p.Site, diag.Error, "panel/range", p.Title,
			fmt.Sprintf("gauge %q needs a value with both ends known; it has %v to %v", p.Title, lo, hi), "use a stat, or declare the metric's Range")
	}
}

// broken reports whether a query of a panel has a fault that is reported by itself, and for want of which its unit is not known.
func (b *builder) broken(p *Panel) bool {
	return slices.ContainsFunc(p.decl.Series, func(s dashboards.Series) bool {
		return len(s.Query.Findings()) > 0 || slices.ContainsFunc(s.Query.Metrics(), func(m *catalog.Metric) bool { return b.outside[m.AllSeries()[0].Name()] != nil })
	})
}

// valueUnit returns the unit of what a panel shows: of a heatmap, that of the observations on its axis.
func valueUnit(p *Panel, t infer.Type) unit.Unit {
	if p.Kind == dashboards.KindHeatmap {
		return t.Observed
	}
	return t.Unit
}

func finite(x float64) bool { return x-x == 0 }
