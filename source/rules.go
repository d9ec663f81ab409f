package source

import (
	"time"

	"github.com/prometheus/common/model"
)

// RuleGroup is a group of rules of a file.
type RuleGroup struct {
	Name     Text
	File     *File
	Interval time.Duration // 0 where none is set
	Offset   time.Duration
	Limit    int
	Rules    []*Rule
	// Part tells the groups of one manifest of a file from those of another.
	Part int
	// Grafana says that Grafana evaluates the rules, not Prometheus.
	Grafana bool
}

// Rule is a recording or an alerting rule of a file.
type Rule struct {
	Group  *RuleGroup
	Record Text // of a recording rule
	Alert  Text // of an alerting rule
	// Queries are the rule's expressions: one, and several of a rule of Grafana's.
	Queries []*Query
	// For and KeepFiringFor are 0 where they are not set or not to be read; HasFor says that for is written.
	For, KeepFiringFor time.Duration
	HasFor             bool
	// ForAt is where it stands; nowhere, though for is written, where another program completes it.
	ForAt Text
	// Labels are the rule's own and those of its group that it does not overwrite.
	Labels      []Pair
	Annotations []Pair
	// borrowed says that the name is written elsewhere: the rule is an alias, or a merge key brings its name.
	borrowed bool
	at       Text
}

// Name returns the record or the alert, whatever the rule has.
func (r *Rule) Name() Text {
	if !r.Alert.IsZero() {
		return r.Alert
	}
	return r.Record
}

// At returns a text at the rule's place.
func (r *Rule) At() Text {
	if n := r.Name(); !n.IsZero() && !r.borrowed {
		return n
	}
	return r.at
}

// Label returns the text of a label, ok is false where the rule sets none of that name.
func (r *Rule) Label(name string) (Text, bool) { return lookup(r.Labels, name) }

// Annotation returns the text of an annotation.
func (r *Rule) Annotation(name string) (Text, bool) { return lookup(r.Annotations, name) }

func lookup(ps []Pair, name string) (Text, bool) {
	for _, p := range ps {
		if p.Key.Value == name {
			return p.Value, true
		}
	}
	return Text{}, false
}

// Pair is a label or an annotation.
type Pair struct{ Key, Value Text }

// grafanaRules reads alert rules in the form in which Grafana provisions them.
func grafanaRules(f *File, groups *value) []*RuleGroup {
	var out []*RuleGroup
	for _, g := range groups.all() {
		group := &RuleGroup{Name: g.get("name").str(), File: f, Grafana: true}
		group.Interval, _ = durationOf(g.get("interval"))
		for _, v := range g.get("rules").all() {
			r := &Rule{Group: group, Alert: v.get("title").str(), at: v.at(), Labels: pairs(v.get("labels")), Annotations: pairs(v.get("annotations"))}
			r.ForAt = v.get("for").str()
			r.For, r.HasFor = durationOf(v.get("for"))
			for _, d := range v.get("data").all() {
				m := d.get("model")
				if e := m.get("expr").str(); !e.IsZero() {
					var none *Dashboard
					l := none.language(m.get("datasource"))
					if l == Undecided {
						l = none.languageOf("", d.get("datasourceUid").str().Value)
					}
					if l != Other {
						r.Queries = append(r.Queries, NewQuery(e, true).In(l))
					}
				}
			}
			group.Rules = append(group.Rules, r)
		}
		out = append(out, group)
	}
	return out
}

func durationOf(v *value) (time.Duration, bool) {
	t := v.str()
	if t.IsZero() {
		return 0, false
	}
	d, err := model.ParseDuration(t.Value)
	return time.Duration(d), err == nil
}

func pairs(v *value) []Pair {
	var out []Pair
	for _, m := range v.fields() {
		out = append(out, Pair{m.key, m.value.str()})
	}
	return out
}
