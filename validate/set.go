package validate

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/catalog/external"
	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/infer"
	"github.com/obsgen/obsgen/query"
	"github.com/obsgen/obsgen/source"
	"github.com/obsgen/obsgen/source/exposition"
)

// Options say against what files are checked.
type Options struct {
	// Catalog is the metrics that exist; nil: nothing is known of any.
	Catalog *catalog.Catalog
	// ScrapeInterval is how often targets are scraped; 0: not known.
	ScrapeInterval time.Duration
	// Server is the Prometheus that runs the queries, Policy what is asked of them beyond their being right.
	Server Server
	Policy Policy
	// OwnTargets says that the files are made of the catalog's project, whose targets carry job and instance alone. Of other
	// files it is not known which labels the scrape adds to up and to the metrics of exporters and client libraries.
	OwnTargets bool
	// Today is when the checks run; zero: now.
	Today time.Time
	// Checks are those to run; nil: All.
	Checks []*Check
	// Severities replace those of checks, by ID; Off are checks that do not run.
	Severities map[string]diag.Severity
	Off        map[string]bool
}

// Set is files that are checked together: what one records, another reads.
type Set struct {
	Options
	Documents  []*source.Document
	Env        *infer.Env
	Groups     []*Group
	Dashboards []*Dashboard
	// Families are the metrics of expositions.
	Families []*Family
	// Queries are all expressions that parse, those of rules first.
	Queries []*Query

	// recorded has the rules by the name that they record, alerts by the name of the alert.
	recorded map[string][]*Rule
	alerts   map[string][]*Rule
	all      []*Query // with those that do not parse
	index    map[string]catalog.Series
	byID     map[string]*Check
	stems    map[string][]string
	windows  map[string]bool
	read     *readers
}

// NewSet prepares documents to be checked: their rules are inferred in the order in which they read each other.
func NewSet(docs []*source.Document, o Options) *Set {
	s := &Set{
		Options: o, Documents: docs, Env: infer.NewEnv(o.Catalog, catalog.Job.LabelDef, catalog.Instance.LabelDef),
		recorded: map[string][]*Rule{}, alerts: map[string][]*Rule{},
	}
	if !s.OwnTargets {
		s.Env.OpenExternal()
	}
	for _, d := range docs {
		for _, g := range d.Groups {
			s.group(g)
		}
	}
	s.record()
	for _, q := range s.all {
		s.infer(q)
	}
	for _, d := range docs {
		if d.Exposition {
			s.exposition(d)
		}
		for _, b := range d.Dashboards {
			s.dashboard(b)
		}
	}
	return s
}

// Left returns how many expressions are not checked, by why.
func (s *Set) Left() map[string]int {
	out := map[string]int{}
	for _, q := range s.all {
		if q.Left != "" {
			out[q.Left]++
		}
	}
	return out
}

func (s *Set) exposition(d *source.Document) {
	fs, err := exposition.Families(d.File.Data)
	if err != nil {
		d.Findings = append(d.Findings, diag.Finding{ID: "syntax/exposition", Severity: diag.Error, At: diag.Position{File: d.File.Path, Line: 1, Col: 1}, Message: err.Error(), Mend: "mend the exposition so that Prometheus can read it"})
	}
	for _, f := range fs {
		s.Families = append(s.Families, &Family{Family: f, Set: s, File: d.File})
	}
}

func (s *Set) group(g *source.RuleGroup) {
	group := &Group{RuleGroup: g, Set: s}
	for _, r := range g.Rules {
		rule := &Rule{Rule: r, Set: s, Group: group}
		for _, q := range r.Queries {
			x := &Query{Query: q, Set: s, Rule: rule}
			rule.Queries = append(rule.Queries, x)
			s.all = append(s.all, x)
		}
		group.Rules = append(group.Rules, rule)
		switch {
		case !r.Record.IsZero():
			s.recorded[r.Record.Value] = append(s.recorded[r.Record.Value], rule)
		case !r.Alert.IsZero():
			s.alerts[r.Alert.Value] = append(s.alerts[r.Alert.Value], rule)
		}
	}
	s.Groups = append(s.Groups, group)
}

// record infers the recording rules, those that others read first, and lets the others see their series. The series of
// rules in a circle are not known.
func (s *Set) record() {
	const underway, done = 1, 2
	state := map[*Rule]int{}
	opened := map[string]bool{}
	var visit func(r *Rule)
	visit = func(r *Rule) {
		if state[r] != 0 {
			return
		}
		state[r] = underway
		q := r.query()
		if q != nil {
			for _, name := range reads(q.Expr) {
				for _, x := range s.recorded[name] {
					visit(x)
				}
			}
			t := infer.Infer(q.Expr, s.Env).Root()
			for _, l := range r.Labels {
				if !l.Key.IsZero() {
					t.Labels = t.Labels.With(l.Key.Value, l.Value.Value)
				}
			}
			r.series = t.Labels
			s.Env.Record(r.Record.Value, t)
			if name := r.Record.Value; !opened[name] {
				opened[name] = true // once for all rules of the name
				if !s.OwnTargets && !strings.Contains(name, ":") || alternatives(s.recorded[name]) {
					// A name without a colon is that of a scraped metric as well, of which nothing is known. And where another
					// directory sets other labels, either is an environment of its own, and which one a server reads nobody knows.
					s.Env.Record(name, infer.Type{Value: parser.ValueTypeVector, Range: infer.Anything})
				}
			}
		} else {
			s.Env.Record(r.Record.Value, infer.Type{Value: parser.ValueTypeVector, Range: infer.Anything})
		}
		state[r] = done
	}
	for _, g := range s.Groups {
		for _, r := range g.Rules {
			if !r.Record.IsZero() {
				visit(r)
			}
		}
	}
}

// reads returns the names of the series that an expression selects.
func reads(e parser.Expr) []string {
	var out []string
	query.Walk(e, func(n parser.Expr) {
		if vs, ok := n.(*parser.VectorSelector); ok && vs.Name != "" && !slices.Contains(out, vs.Name) {
			out = append(out, vs.Name)
		}
	})
	return out
}

func (s *Set) infer(q *Query) {
	if q.Expr == nil {
		return
	}
	q.Table = infer.Infer(q.Expr, s.Env, q.chosen)
	s.Queries = append(s.Queries, q)
}

// chosen returns the numbers that a variable of the query can be where it stands for one: those of a custom variable or
// of a constant, none where anything can be chosen.
func (q *Query) chosen(n *parser.NumberLiteral) (values []float64, stands bool) {
	use, ok := q.VariableIn(n)
	if !ok || q.Panel == nil {
		return nil, ok
	}
	for _, v := range q.Panel.Dashboard.Variables {
		if v.Name.Value != use.Name || v.Type.Value != "custom" && v.Type.Value != "constant" || v.Multi || v.IncludeAll {
			continue
		}
		texts := strings.Split(v.Query.Value, ",")
		for _, o := range v.Options {
			texts = append(texts, o.Value)
		}
		for _, text := range texts {
			if _, value, named := strings.Cut(text, " : "); named {
				text = value
			}
			if text = strings.TrimSpace(text); text == "" {
				continue
			}
			x, err := strconv.ParseFloat(text, 64)
			if err != nil {
				return nil, true
			}
			values = append(values, math.Copysign(1, n.Val)*x) // the parser reads a sign as that of the number
		}
	}
	return values, true
}

func (s *Set) dashboard(b *source.Dashboard) {
	d := &Dashboard{Dashboard: b, Set: s}
	for _, p := range b.Panels {
		panel := &Panel{Panel: p, Set: s, Dashboard: d}
		for _, t := range p.Targets {
			q := &Query{Query: t.Query, Set: s, Target: t, Panel: panel}
			panel.Queries = append(panel.Queries, q)
			s.all = append(s.all, q)
			s.infer(q)
		}
		d.Panels = append(d.Panels, panel)
	}
	for _, a := range b.Annotations {
		q := &Query{Query: a.Query, Set: s, Target: a}
		d.Annotations = append(d.Annotations, q)
		s.all = append(s.all, q)
		s.infer(q)
	}
	s.Dashboards = append(s.Dashboards, d)
}

// Expression returns what the checks of queries find in an expression that stands in no file, beyond the faults of the
// inference, which are with its nodes. It returns nothing where the text does not parse.
func Expression(text string, env *infer.Env, o Options) []diag.Finding {
	s := &Set{Options: o, Env: env, recorded: map[string][]*Rule{}, alerts: map[string][]*Rule{}}
	q := &Query{Query: source.NewQuery(source.NewFile("", []byte(text)).Whole(), false), Set: s}
	s.infer(q)
	if q.Expr == nil {
		return nil
	}
	var out []diag.Finding
	s.byID = map[string]*Check{}
	for _, c := range All() {
		if c.Query != nil {
			s.byID[c.ID] = c
		}
	}
	for _, c := range All() {
		if c.Query != nil && !c.OnRequest && !s.Off[c.ID] {
			out = append(out, s.run(c, c.Severity)...)
		}
	}
	out = diag.Unique(out)
	diag.Sort(out)
	return out
}

// Run returns what is wrong, sorted by place.
func (s *Set) Run() []diag.Finding {
	checks := s.Checks
	if checks == nil {
		checks = All()
	}
	s.byID = map[string]*Check{}
	for _, c := range checks {
		s.byID[c.ID] = c
	}
	var out []diag.Finding
	for _, d := range s.Documents {
		out = append(out, d.Findings...)
	}
	for _, c := range checks {
		severity := c.Severity
		asked, ok := s.Severities[c.ID]
		if ok {
			severity = asked
		}
		if s.Off[c.ID] || c.OnRequest && !ok {
			continue
		}
		out = append(out, s.run(c, severity)...)
	}
	out = append(out, s.faults()...)
	for _, d := range s.Documents {
		if d.Transcoded {
			for i := range out {
				if out[i].At.File == d.File.Path {
					out[i].Edits = nil
				}
			}
		}
	}
	out = diag.Adjust(s.suppress(out), s.Off, s.Severities) // what the readers of files and the inference report, too
	out = diag.Unique(out)
	diag.Sort(out)
	return out
}

func (s *Set) run(c *Check, severity diag.Severity) []diag.Finding {
	var out []diag.Finding
	var subject func() string
	report := Report(func(f diag.Finding) {
		f.Severity = severity
		if f.ID == "" {
			f.ID = c.ID
		} else if other := s.byID[f.ID]; other != nil && f.ID != c.ID {
			if s.Off[f.ID] {
				return
			}
			f.Severity = other.Severity
			if x, ok := s.Severities[f.ID]; ok {
				f.Severity = x
			}
		}
		if f.Subject == "" && subject != nil {
			f.Subject = subject()
		}
		out = append(out, f)
	})
	switch {
	case c.Query != nil:
		var q *Query
		subject = func() string { return q.subject() }
		for _, q = range s.Queries {
			c.Query(q, report)
		}
	case c.Rule != nil:
		var r *Rule
		subject = func() string { return r.Name().Value }
		for _, g := range s.Groups {
			for _, r = range g.Rules {
				c.Rule(r, report)
			}
		}
	case c.Group != nil:
		for _, g := range s.Groups {
			subject = func() string { return g.Name.Value }
			c.Group(g, report)
		}
	case c.Panel != nil:
		for _, d := range s.Dashboards {
			for _, p := range d.Panels {
				subject = p.Label
				c.Panel(p, report)
			}
		}
	case c.Dashboard != nil:
		for _, d := range s.Dashboards {
			subject = func() string { return d.Title.Value }
			c.Dashboard(d, report)
		}
	case c.Family != nil:
		for _, f := range s.Families {
			subject = f.GetName
			c.Family(f, report)
		}
	case c.Set != nil:
		c.Set(s, report)
	}
	return out
}

var replaced = regexp.MustCompile(`\b(any:)?variable_\d+\b`)

// faults returns what the inference met. What rests on a variable's stand-in is nobody's fault.
func (s *Set) faults() []diag.Finding {
	var out []diag.Finding
	for _, q := range s.Queries {
		for _, f := range q.Table.Faults() {
			if s.Off[f.ID] || len(q.Variables) > 0 && replaced.MatchString(f.Message) || s.excused(q, f) {
				continue
			}
			if e, ok := f.Node.(parser.Expr); ok && q.Touches(e) {
				f.Message = strings.Replace(f.Message, e.String(), q.TextOf(e), 1) // with the variable, not what stands in for it
			}
			severity := f.Severity
			if x, ok := s.Severities[f.ID]; ok {
				severity = x
			}
			out = append(out, diag.Finding{
				ID: f.ID, Severity: severity, At: q.Position(f.Node), Subject: q.subject(), Message: f.Message, Why: f.Why, Mend: f.Mend,
			})
		}
	}
	return out
}

// excused reports faults that are none where they stand: a comparison that always holds is a filter of NaN in a panel,
// and asks whether something exists where it counts. A count that is never below 1 is agg/count-of-filter, which knows more.
func (s *Set) excused(q *Query, f infer.Fault) bool {
	if b, ok := f.Node.(*parser.BinaryExpr); ok && f.ID == "range/never" && countsNone(b) {
		return s.byID[aggCountOfFilter.ID] != nil && !s.Off[aggCountOfFilter.ID]
	}
	if f.ID != "range/always" {
		return false
	}
	if q.Rule == nil || !q.Rule.IsAlert() {
		return true
	}
	b, ok := f.Node.(*parser.BinaryExpr)
	if !ok {
		return false
	}
	exists := false
	query.Walk(b.LHS, func(n parser.Expr) {
		switch x := n.(type) {
		case *parser.VectorSelector:
			exists = exists || x.Name == external.AlertsActive.Name
		case *parser.AggregateExpr:
			exists = exists || x.Op == parser.COUNT || x.Op == parser.GROUP || x.Op == parser.COUNT_VALUES
		case *parser.Call:
			exists = exists || strings.HasPrefix(x.Func.Name, "absent") || strings.HasPrefix(x.Func.Name, "present") || strings.HasPrefix(x.Func.Name, "count_over")
		}
	})
	return exists
}
