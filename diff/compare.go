package diff

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/query"
	"github.com/obsgen/obsgen/source"
)

// Change is something that is otherwise than it was.
type Change struct {
	// Kind is metric, recording rule, alert, dashboard or panel; Name says which, Profile in which environment, "" in the
	// usual one.
	Kind    string `json:"kind"`
	Name    string `json:"name"`
	Profile string `json:"profile,omitempty"`
	// What is the change in one sentence, Old and New what it was and is.
	What string `json:"what"`
	Old  string `json:"old,omitempty"`
	New  string `json:"new,omitempty"`
	// Breaking says that what reads it works no more, or otherwise; Why is the reason.
	Breaking bool   `json:"breaking"`
	Why      string `json:"why,omitempty"`
	// Hits are the queries that it breaks.
	Hits []Reader `json:"hits,omitempty"`
}

// Result is what changed.
type Result struct {
	Changes []Change `json:"changes"`
	// Renames are metrics that are likely the same under another name.
	Renames []Rename `json:"renames,omitempty"`
	// Series is how many more series one target exposes at most.
	Series int `json:"series"`
}

// Breaking reports whether anything breaks.
func (r Result) Breaking() bool {
	return slices.ContainsFunc(r.Changes, func(c Change) bool { return c.Breaking })
}

// Rename is a metric that has another name.
type Rename struct {
	Old  string       `json:"old"`
	New  string       `json:"new"`
	Type catalog.Kind `json:"type"`
}

// Compare returns what changed from one state to another. Files of others, such as hand-written dashboards, may read the
// metrics as well: what breaks there is among the hits.
func Compare(before, after Side, others []*source.Document) Result {
	c := &comparison{readers: readers(append(slices.Clone(before.Docs), others...))}
	if before.Catalog != nil && after.Catalog != nil {
		c.metrics(before.Catalog, after.Catalog)
	}
	c.rules(before.Docs, after.Docs)
	c.dashboards(before.Docs, after.Docs)
	return c.result
}

type comparison struct {
	readers []Reader
	result  Result
}

func (c *comparison) add(x Change) {
	if x.Old == x.New {
		x.Old, x.New = "", ""
	}
	c.result.Changes = append(c.result.Changes, x)
}

// hits returns the readers whose use of a series fits, each once.
func (c *comparison) hits(names []string, fits func(use) bool) []Reader {
	var out []Reader
	seen := map[string]bool{}
	for _, r := range c.readers {
		if seen[r.id()] {
			continue
		}
		for _, u := range uses(r.expr, names) {
			if fits(u) {
				seen[r.id()] = true
				out = append(out, r)
				break
			}
		}
	}
	return out
}

func anyUse(use) bool { return true }

func (c *comparison) metrics(before, after *Catalog) {
	renamed := map[string]bool{}
	for _, r := range renames(before, after) {
		renamed[r.Old], renamed[r.New] = true, true
		c.result.Renames = append(c.result.Renames, r)
		old := before.metric(r.Old)
		c.add(Change{
			Kind: "metric", Name: r.Old, What: "it is called " + r.New + " now", Old: r.Old, New: r.New, Breaking: true,
			Why: "queries of the old name find nothing", Hits: c.hits(old.series(), anyUse),
		})
		c.metric(old, after.metric(r.New))
	}
	for _, old := range before.Metrics {
		now := after.metric(old.Name)
		switch {
		case now != nil:
			c.metric(&old, now)
		case !renamed[old.Name]:
			c.add(Change{
				Kind: "metric", Name: old.Name, What: "it is gone", Breaking: true, Why: "queries of it find nothing", Hits: c.hits(old.series(), anyUse),
			})
		}
		c.result.Series -= old.Series
	}
	for _, now := range after.Metrics {
		if before.metric(now.Name) == nil && !renamed[now.Name] {
			c.add(Change{Kind: "metric", Name: now.Name, What: fmt.Sprintf("it is new: a %s, of at most %d series for each target", now.Type, now.Series)})
		}
		c.result.Series += now.Series
	}
}

// metric compares one metric with what it was. Its readers know it by its old name.
func (c *comparison) metric(old, now *Metric) {
	add := func(x Change) {
		x.Kind, x.Name = "metric", now.Name
		c.add(x)
	}
	if old.Type != now.Type {
		add(Change{
			What: fmt.Sprintf("it is a %s, and was a %s", now.Type, old.Type), Old: string(old.Type), New: string(now.Type), Breaking: true,
			Why: "functions of one type mean nothing of the other", Hits: c.hits(old.series(), anyUse),
		})
	}
	if old.Unit != now.Unit {
		add(Change{
			What: fmt.Sprintf("its unit is %s, and was %s", cmp.Or(now.Unit, "unknown"), cmp.Or(old.Unit, "unknown")), Old: old.Unit, New: now.Unit,
			Breaking: old.Unit != "" && now.Unit != "", Why: "thresholds and axes are in the old unit", Hits: c.hits(old.series(), anyUse),
		})
	}
	for _, l := range old.Labels {
		if now.label(l.Name) == nil {
			add(Change{
				What: "the label " + l.Name + " is gone", Old: l.Name, Breaking: true, Why: "what matches or groups by it finds nothing",
				Hits: c.hits(old.series(), func(u use) bool { return u.labels[l.Name] }),
			})
		}
	}
	for _, l := range now.Labels {
		was := old.label(l.Name)
		if was == nil {
			hits := c.hits(old.series(), func(u use) bool { return u.joined })
			x := Change{What: "it has the label " + l.Name, New: l.Name, Hits: hits, Breaking: len(hits) > 0}
			if x.Breaking {
				x.Why = "queries match it label by label with series that have no such label"
			}
			add(x)
			continue
		}
		c.values(old, now, was, &l)
	}
	if !slices.Equal(old.Buckets, now.Buckets) {
		var gone []string
		for _, b := range old.Buckets {
			if !slices.Contains(now.Buckets, b) {
				gone = append(gone, strconv.FormatFloat(b, 'g', -1, 64))
			}
		}
		hits := c.hits([]string{old.Name + "_bucket"}, func(u use) bool {
			return slices.ContainsFunc(u.selector.LabelMatchers, func(m *labels.Matcher) bool {
				return m.Name == "le" && slices.ContainsFunc(gone, func(b string) bool { return m.Matches(b) })
			})
		})
		x := Change{What: "its buckets are others", Old: fmt.Sprint(old.Buckets), New: fmt.Sprint(now.Buckets), Hits: hits, Breaking: len(hits) > 0}
		if x.Breaking {
			x.Why = "queries ask for a bucket that is gone"
		}
		add(x)
	}
	if (old.Native > 0) != (now.Native > 0) {
		x := Change{What: "it is a native histogram as well"}
		if now.Native == 0 {
			x = Change{What: "it is no native histogram any more", Breaking: true, Why: "queries of it find nothing", Hits: c.hits([]string{old.Name}, anyUse)}
		}
		add(x)
	}
	if old.Help != now.Help {
		add(Change{What: "its help text is another", Old: old.Help, New: now.Help})
	}
	if old.Owner != now.Owner {
		add(Change{What: "its owner is " + cmp.Or(now.Owner, "nobody"), Old: old.Owner, New: now.Owner})
	}
}

// values compares what values a label can have.
func (c *comparison) values(old, now *Metric, was, is *Label) {
	for _, v := range was.Values {
		if is.Values == nil || slices.Contains(is.Values, v) {
			continue
		}
		hits := c.hits(old.series(), func(u use) bool {
			return slices.ContainsFunc(u.selector.LabelMatchers, func(m *labels.Matcher) bool { return m.Name == was.Name && m.Value == v })
		})
		x := Change{Kind: "metric", Name: now.Name, What: fmt.Sprintf("the label %s is never %q any more", was.Name, v), Old: v, Hits: hits, Breaking: len(hits) > 0}
		if x.Breaking {
			x.Why = "queries select that value"
		}
		c.add(x)
	}
	for _, v := range is.Values {
		if was.Values != nil && !slices.Contains(was.Values, v) {
			c.add(Change{Kind: "metric", Name: now.Name, What: fmt.Sprintf("the label %s can be %q", is.Name, v), New: v})
		}
	}
	if was.Values != nil && is.Values == nil {
		c.add(Change{Kind: "metric", Name: now.Name, What: "the label " + is.Name + " can have any value", Old: strings.Join(was.Values, ", "), New: "at most " + strconv.Itoa(is.Max)})
	}
	if was.Max != is.Max && was.Values == nil && is.Values == nil {
		c.add(Change{Kind: "metric", Name: now.Name, What: fmt.Sprintf("the label %s has at most %d values", is.Name, is.Max), Old: strconv.Itoa(was.Max), New: strconv.Itoa(is.Max)})
	}
}

// renames pairs metrics that are gone with new ones that are alike in everything but the name.
func renames(before, after *Catalog) []Rename {
	var out []Rename
	taken := map[string]bool{}
	for _, old := range before.Metrics {
		if after.metric(old.Name) != nil {
			continue
		}
		best, points := "", 0
		for _, now := range after.Metrics {
			if before.metric(now.Name) != nil || taken[now.Name] || now.Type != old.Type || now.Unit != old.Unit || !slices.Equal(names(now), names(old)) {
				continue
			}
			n := 1
			if now.Help == old.Help {
				n += 4
			}
			n += shared(old.Name, now.Name)
			if n > points {
				best, points = now.Name, n
			}
		}
		if points >= 3 { // the same help, or half of the words
			taken[best] = true
			out = append(out, Rename{old.Name, best, old.Type})
		}
	}
	return out
}

func names(m Metric) []string {
	var out []string
	for _, l := range m.Labels {
		out = append(out, l.Name)
	}
	slices.Sort(out)
	return out
}

// shared returns how many words of two names are the same, less one for each that is not.
func shared(a, b string) int {
	words := strings.Split(b, "_")
	n := 0
	for _, w := range strings.Split(a, "_") {
		if slices.Contains(words, w) {
			n++
		} else {
			n--
		}
	}
	return n
}

// key tells rules of one name apart.
type key struct{ profile, kind, name, labels string }

func rulesOf(docs []*source.Document) (map[key]*source.Rule, []key) {
	out := map[key]*source.Rule{}
	var order []key
	for _, d := range docs {
		for _, g := range d.Groups {
			for _, r := range g.Rules {
				k := key{profile: profileOf(d.File.Path), kind: "recording rule", name: r.Name().Value}
				if !r.Alert.IsZero() {
					k.kind = "alert"
				} else {
					k.labels = fmt.Sprint(pairs(r.Labels))
				}
				for n := 2; out[k] != nil; n++ { // alerts of one name and several severities
					k.labels = fmt.Sprint(n)
				}
				out[k] = r
				order = append(order, k)
			}
		}
	}
	return out, order
}

func pairs(ps []source.Pair) map[string]string {
	out := map[string]string{}
	for _, p := range ps {
		out[p.Key.Value] = p.Value.Value
	}
	return out
}

func exprOf(r *source.Rule) parser.Expr {
	if len(r.Queries) != 1 {
		return nil
	}
	return r.Queries[0].Expr
}

func textOf(r *source.Rule) string {
	var parts []string
	for _, q := range r.Queries {
		parts = append(parts, q.Text.Value)
	}
	return strings.Join(parts, "; ")
}

func (c *comparison) rules(before, after []*source.Document) {
	was, order := rulesOf(before)
	is, added := rulesOf(after)
	for _, k := range order {
		old, now := was[k], is[k]
		if now != nil {
			c.rule(k, old, now)
			continue
		}
		x := Change{Kind: k.kind, Name: k.name, Profile: k.profile, What: "it is gone", Old: textOf(old), Breaking: true, Why: "nobody is told any more"}
		if k.kind != "alert" {
			x.Why, x.Hits = "queries of it find nothing", c.hits([]string{k.name}, anyUse)
		}
		c.add(x)
	}
	for _, k := range added {
		if was[k] == nil {
			c.add(Change{Kind: k.kind, Name: k.name, Profile: k.profile, What: "it is new", New: textOf(is[k])})
		}
	}
}

func (c *comparison) rule(k key, old, now *source.Rule) {
	add := func(x Change) {
		x.Kind, x.Name, x.Profile = k.kind, k.name, k.profile
		c.add(x)
	}
	a, b := exprOf(old), exprOf(now)
	if a == nil && b == nil && textOf(old) != textOf(now) || !same(a, b) {
		x := Change{What: "its expression is another", Old: textOf(old), New: textOf(now)}
		if k.kind == "alert" && a != nil && b != nil {
			switch looser, stricter := query.Implies(a, b), query.Implies(b, a); {
			case looser && stricter: // the same after all
			case looser:
				x.What = "it fires for more than it did"
			case stricter:
				x.What = "it fires for less than it did"
			default:
				x.What = "it fires for something else"
			}
		}
		if k.kind != "alert" {
			x.Hits = c.hits([]string{k.name}, anyUse)
			x.Why = "what reads it shows other values"
		}
		add(x)
	}
	if old.For != now.For {
		x := Change{What: "it waits longer before it fires", Old: old.For.String(), New: now.For.String()}
		if now.For < old.For {
			x.What = "it fires sooner"
		}
		add(x)
	}
	if old.KeepFiringFor != now.KeepFiringFor {
		x := Change{What: "it goes on firing for longer", Old: old.KeepFiringFor.String(), New: now.KeepFiringFor.String()}
		if now.KeepFiringFor < old.KeepFiringFor {
			x.What = "it resolves sooner"
		}
		add(x)
	}
	wasLabels, isLabels := pairs(old.Labels), pairs(now.Labels)
	for _, name := range union(wasLabels, isLabels) {
		if wasLabels[name] != isLabels[name] {
			add(Change{What: "its label " + name + " is " + cmp.Or(isLabels[name], "gone"), Old: wasLabels[name], New: isLabels[name], Why: "routes that match it may lead elsewhere"})
		}
	}
	if k.kind == "alert" && !maps.Equal(pairs(old.Annotations), pairs(now.Annotations)) {
		was, is := pairs(old.Annotations), pairs(now.Annotations)
		var changed []string
		for _, name := range union(was, is) {
			if was[name] != is[name] {
				changed = append(changed, name)
			}
		}
		add(Change{What: "it says something else: " + strings.Join(changed, ", "), Old: was[changed[0]], New: is[changed[0]]})
	}
	if x, y := interval(old), interval(now); x != y {
		add(Change{What: "it is evaluated every " + y.String(), Old: x.String(), New: y.String()})
	}
}

func interval(r *source.Rule) time.Duration {
	if r.Group == nil {
		return 0
	}
	return r.Group.Interval
}

func union(a, b map[string]string) []string {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return slices.Sorted(maps.Keys(all))
}

// board is a dashboard with the environment that it is for.
type board struct {
	profile string
	*source.Dashboard
}

func boardsOf(docs []*source.Document) (map[string]board, []string) {
	out := map[string]board{}
	var order []string
	for _, d := range docs {
		for _, b := range d.Dashboards {
			p := profileOf(d.File.Path)
			k := p + "\x00" + cmp.Or(b.UID.Value, b.Title.Value)
			if _, ok := out[k]; !ok {
				order = append(order, k)
			}
			out[k] = board{p, b}
		}
	}
	return out, order
}

func (c *comparison) dashboards(before, after []*source.Document) {
	was, order := boardsOf(before)
	is, added := boardsOf(after)
	for _, k := range order {
		old := was[k]
		now, ok := is[k]
		if !ok {
			c.add(Change{
				Kind: "dashboard", Name: old.Title.Value, Profile: old.profile, What: "it is gone", Old: old.UID.Value, Breaking: true, Why: "links to it lead nowhere",
			})
			continue
		}
		if old.Title.Value != now.Title.Value {
			c.add(Change{Kind: "dashboard", Name: now.Title.Value, Profile: now.profile, What: "it has another title", Old: old.Title.Value, New: now.Title.Value})
		}
		c.variables(old, now)
		c.panels(old, now)
	}
	for _, k := range added {
		if _, ok := was[k]; !ok {
			c.add(Change{Kind: "dashboard", Name: is[k].Title.Value, Profile: is[k].profile, What: fmt.Sprintf("it is new, with %d panels", len(is[k].Panels))})
		}
	}
}

func (c *comparison) variables(old, now board) {
	has := func(b board, name string) bool {
		return slices.ContainsFunc(b.Variables, func(v *source.Variable) bool { return v.Name.Value == name })
	}
	for _, v := range old.Variables {
		if !has(now, v.Name.Value) {
			c.add(Change{
				Kind: "dashboard", Name: now.Title.Value, Profile: now.profile, What: "the variable " + v.Name.Value + " is gone", Old: v.Name.Value, Breaking: true,
				Why: "links that set it set nothing",
			})
		}
	}
	for _, v := range now.Variables {
		if !has(old, v.Name.Value) {
			c.add(Change{Kind: "dashboard", Name: now.Title.Value, Profile: now.profile, What: "it has the variable " + v.Name.Value, New: v.Name.Value})
		}
	}
}

// find returns the panel of a dashboard that was another's: that of its id, else of its title.
func find(in []*source.Panel, p *source.Panel) *source.Panel {
	for _, x := range in {
		if x.ID == p.ID && x.ID != 0 {
			return x
		}
	}
	for _, x := range in {
		if x.Title.Value == p.Title.Value && p.Title.Value != "" {
			return x
		}
	}
	return nil
}

func (c *comparison) panels(old, now board) {
	add := func(p *source.Panel, x Change) {
		x.Kind, x.Name, x.Profile = "panel", now.Title.Value+" / "+cmp.Or(p.Title.Value, p.Type.Value), now.profile
		c.add(x)
	}
	for _, p := range old.Panels {
		if find(now.Panels, p) == nil {
			add(p, Change{What: "it is gone"})
		}
	}
	for _, p := range now.Panels {
		was := find(old.Panels, p)
		if was == nil {
			add(p, Change{What: "it is new"})
			continue
		}
		for _, f := range []struct{ what, old, new string }{
			{"it has another title", was.Title.Value, p.Title.Value}, {"it is of another kind", was.Type.Value, p.Type.Value}, {"its unit is another", was.Unit.Value, p.Unit.Value},
		} {
			if f.old != f.new {
				add(p, Change{What: f.what, Old: f.old, New: f.new})
			}
		}
		if a, b := steps(was), steps(p); a != b {
			add(p, Change{What: "its thresholds are others", Old: a, New: b})
		}
		c.targets(was, p, add)
	}
}

func steps(p *source.Panel) string {
	var out []string
	for _, n := range p.Thresholds {
		out = append(out, strconv.FormatFloat(n.Value, 'g', -1, 64))
	}
	return strings.Join(out, ", ")
}

func (c *comparison) targets(old, now *source.Panel, add func(*source.Panel, Change)) {
	of := func(p *source.Panel) (texts map[string]string, all []string) {
		texts = map[string]string{}
		for _, t := range p.Targets {
			if t.Query == nil {
				continue
			}
			k := t.Query.Text.Value
			if t.Query.Expr != nil {
				k = query.Canonical(t.Query.Expr)
			}
			texts[k] = t.Query.Text.Value
			all = append(all, k)
		}
		return texts, all
	}
	was, wasAll := of(old)
	is, isAll := of(now)
	var gone, fresh []string
	for _, k := range wasAll {
		if _, ok := is[k]; !ok {
			gone = append(gone, was[k])
		}
	}
	for _, k := range isAll {
		if _, ok := was[k]; !ok {
			fresh = append(fresh, is[k])
		}
	}
	if len(gone) > 0 || len(fresh) > 0 {
		add(now, Change{What: "it shows other queries", Old: strings.Join(gone, "\n"), New: strings.Join(fresh, "\n")})
	}
}
