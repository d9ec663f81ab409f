package source

import (
	"strings"
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
	ForAt              Text
	Labels             []Pair
	Annotations        []Pair
	// Faults are what the rule itself is wrong in: fields that are missing, unknown or not to be read.
	Faults []Fault
	at     Text
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
	if n := r.Name(); !n.IsZero() {
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

// Fault is something in a file that is not as its format wants it.
type Fault struct {
	ID      string
	At      Text
	Message string
	Mend    string
}

// ruleFields are what Prometheus knows of a rule and a group; it refuses a file with others.
var (
	ruleFields  = words("record alert expr for keep_firing_for labels annotations")
	groupFields = words("name interval query_offset limit rules labels partial_response_strategy source_tenants evaluation_delay align_evaluation_time_on_interval concurrency type params eval_offset eval_delay eval_alignment headers notifier_headers debug tenant")
)

// ruleGroups reads the groups of a rule file or of a manifest's spec.
func ruleGroups(f *File, groups *value, strict bool) []*RuleGroup {
	var out []*RuleGroup
	for _, g := range groups.all() {
		group := &RuleGroup{Name: g.get("name").str(), File: f}
		group.Interval, _ = durationOf(g.get("interval"))
		group.Offset, _ = durationOf(g.get("query_offset"))
		if n, ok := g.get("limit").num(); ok {
			group.Limit = int(n)
		}
		for _, r := range g.get("rules").all() {
			group.Rules = append(group.Rules, rule(group, r, strict))
		}
		if strict && len(group.Rules) > 0 {
			for _, m := range g.fields() {
				if !groupFields[m.key.Value] {
					group.Rules[0].Faults = append(group.Rules[0].Faults, unknownField(m.key, "a group", groupFields))
				}
			}
		}
		out = append(out, group)
	}
	return out
}

func unknownField(key Text, of string, known map[string]bool) Fault {
	return Fault{ID: "syntax/rule", At: key, Message: of + " has no field " + key.Value, Mend: suggest(key.Value, known)}
}

func durationOf(v *value) (time.Duration, bool) {
	t := v.str()
	if t.IsZero() {
		return 0, false
	}
	d, err := model.ParseDuration(t.Value)
	return time.Duration(d), err == nil
}

func rule(g *RuleGroup, v *value, strict bool) *Rule {
	r := &Rule{Group: g, Record: v.get("record").str(), Alert: v.get("alert").str(), at: v.at()}
	fault := func(at Text, message, mend string) {
		r.Faults = append(r.Faults, Fault{ID: "syntax/rule", At: at, Message: message, Mend: mend})
	}
	if e := v.get("expr").str(); !e.IsZero() {
		r.Queries = append(r.Queries, NewQuery(e, false))
	} else {
		fault(r.At(), "the rule has no expr", "give it an expression")
	}
	switch {
	case !r.Record.IsZero() && !r.Alert.IsZero():
		fault(r.Record, "the rule both records and alerts", "make two rules of it")
	case r.Record.IsZero() && r.Alert.IsZero():
		fault(r.at, "the rule neither records nor alerts", "give it record or alert")
	}
	r.ForAt = v.get("for").str()
	r.For, r.HasFor = durationOf(v.get("for"))
	if !r.ForAt.IsZero() && !r.HasFor {
		fault(r.ForAt, "for is no duration: "+r.ForAt.Value, "write it as 5m or 1h30m")
	}
	if k := v.get("keep_firing_for"); k != nil {
		var ok bool
		if r.KeepFiringFor, ok = durationOf(k); !ok {
			fault(k.at(), "keep_firing_for is no duration: "+k.str().Value, "write it as 5m or 1h30m")
		}
	}
	r.Labels, r.Annotations = pairs(v.get("labels")), pairs(v.get("annotations"))
	if !r.Record.IsZero() {
		for _, name := range []string{"for", "keep_firing_for", "annotations"} {
			if m := v.get(name); m != nil && r.Alert.IsZero() {
				fault(m.at(), "a recording rule has no "+name, "drop it, or make an alert of the rule")
			}
		}
		if n := r.Record.Value; strings.ContainsAny(n, "{} \n") || !model.UTF8Validation.IsValidMetricName(n) {
			fault(r.Record, "this is no name of a series: "+n, "use letters, digits, underscores and colons")
		}
	}
	if strict {
		seen := map[string]bool{}
		for _, m := range v.fields() {
			if !ruleFields[m.key.Value] {
				r.Faults = append(r.Faults, unknownField(m.key, "a rule", ruleFields))
			}
			if seen[m.key.Value] {
				fault(m.key, "the field "+m.key.Value+" is written twice", "drop one of them")
			}
			seen[m.key.Value] = true
		}
	}
	return r
}

func pairs(v *value) []Pair {
	if v == nil {
		return nil
	}
	var out []Pair
	for _, m := range v.fields() {
		out = append(out, Pair{m.key, m.value.str()})
	}
	return out
}

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
