package source

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/rulefmt"
	"go.yaml.in/yaml/v3"
	k8syaml "sigs.k8s.io/yaml"

	"github.com/obsgen/obsgen/diag"
)

// dialect is whose form rules are written in.
type dialect uint8

const (
	ofPrometheus dialect = iota
	ofOperator           // a PrometheusRule, whose schema wants strings where Prometheus takes any scalar
	ofOthers             // a form that has fields of its own, which are not known here
)

// What Prometheus knows of a rule and of a group; it refuses a file with other fields.
var (
	ruleFields  = words("record alert expr for keep_firing_for labels annotations")
	groupFields = words("name interval query_offset limit rules labels")
)

// others are the fields of a group that Prometheus refuses and another ruler reads.
var others = map[string]string{
	"partial_response_strategy": "Thanos Ruler",
	"source_tenants":            "the ruler of Mimir", "evaluation_delay": "the ruler of Mimir", "align_evaluation_time_on_interval": "the ruler of Mimir",
	"remote_write": "the ruler of Loki",
	"concurrency":  "vmalert", "type": "vmalert", "params": "vmalert", "eval_offset": "vmalert", "eval_delay": "vmalert", "eval_alignment": "vmalert",
	"headers": "vmalert", "notifier_headers": "vmalert", "debug": "vmalert", "tenant": "vmalert", "update_entries_limit": "vmalert",
}

// groupReader reads groups of rules, as much of them as can be read, and reports what their reader refuses.
type groupReader struct {
	d    *Document
	of   dialect
	rule string // the name of the rule that is being read
}

func (r *groupReader) fault(at Text, message, mend string) {
	r.report("syntax/rule", at, message, mend)
}

func (r *groupReader) report(id string, at Text, message, mend string) {
	r.d.Findings = append(r.d.Findings, diag.Finding{ID: id, Severity: severities[id], At: at.At(), Subject: r.rule, Message: message, Mend: mend})
}

// severities are those of what is reported here and by others as well.
var severities = map[string]diag.Severity{"syntax/rule": diag.Error, "syntax/manifest": diag.Error, "syntax/second-document": diag.Warning, "syntax/other-ruler": diag.Info}

// text reads a scalar as Prometheus does: as it is written, whatever YAML takes it for.
func (r *groupReader) text(v *value, what string) Text {
	if v.is(list) || v.is(object) {
		r.fault(v.at(), what+" must be a string, not "+v.kind.String(), "write one value")
		return Text{}
	}
	if r.of == ofOperator && v != nil && v.kind != null { // which the API server drops
		if is := v.scalar(); is != text {
			r.report("syntax/manifest", v.at(), fmt.Sprintf("%s must be a string: YAML reads %s as %s, and the API server refuses the manifest", what, v.text.Value, is), "quote it: "+strconv.Quote(v.text.Value))
		}
	}
	return v.str()
}

// scalar returns what a scalar is to the readers of Kubernetes, to which off is a boolean.
func (v *value) scalar() kind {
	if v.kind != text || !v.plain || len(v.text.Value) > len("FALSE") {
		return v.kind
	}
	var x any
	if err := k8syaml.Unmarshal([]byte(v.text.Value), &x); err == nil {
		if _, ok := x.(bool); ok {
			return boolean
		}
	}
	return v.kind
}

// duration reads a duration.
func (r *groupReader) duration(v *value, what string) (time.Duration, Text) {
	t := r.text(v, what)
	if t.IsZero() || v.kind == number && r.of == ofOperator { // which is said already
		return 0, t
	}
	d, err := model.ParseDuration(t.Value)
	if err != nil {
		mend := "write it as 5m or 1h30m"
		if _, err := model.ParseDuration(t.Value + "s"); err == nil && t.Value != "" {
			mend = "write the unit: " + t.Value + "s"
		}
		r.fault(v.at(), fmt.Sprintf("%s is not a duration: %q", what, t.Value), mend)
	}
	return time.Duration(d), t
}

// mapping returns the members of a mapping, and those of a value that is none are reported.
func (r *groupReader) mapping(v *value, what string) []member {
	if v != nil && v.kind != object && v.kind != null {
		r.fault(v.at(), what+" must be a mapping, not "+v.kind.String(), "write name: value")
		return nil
	}
	r.twice(v)
	return v.fields()
}

// twice reports keys that a mapping has twice.
func (r *groupReader) twice(v *value) {
	seen := map[string]bool{}
	for _, m := range v.fields() {
		if m.merged {
			continue
		}
		if seen[m.key.Value] {
			r.fault(m.key, "the field "+m.key.Value+" is written twice", "drop one of them")
		}
		seen[m.key.Value] = true
	}
}

// fields reports members that are not among those that a reader knows.
func (r *groupReader) fields(v *value, what string, known map[string]bool) {
	r.twice(v)
	for _, m := range v.fields() {
		name := m.key.Value
		switch {
		case known[name] || r.of == ofOthers:
		case r.of == ofOperator && name == "partial_response_strategy" && what == "a group":
		case others[name] != "" && what == "a group":
			r.report("syntax/other-ruler", m.key, "Prometheus refuses the field "+name+": "+others[name]+" reads it", "drop it where Prometheus loads the file")
		default:
			r.fault(m.key, what+" has no field "+name, suggest(name, known))
		}
	}
}

// items returns the items of a list. A value that is none is reported; a single mapping in its place is its one item.
func (r *groupReader) items(v *value, what string) []*value {
	switch {
	case v == nil || v.kind == null:
		return nil
	case v.kind == object:
		r.fault(v.start, what+" must be a list, not a mapping", "write - before each item")
		if holdsRules(v, 0) {
			return []*value{v}
		}
		return nil
	case v.kind != list:
		r.fault(v.at(), what+" must be a list, not "+v.kind.String(), "write - before each item")
	}
	if r.of == ofOperator {
		return v.items
	}
	return slices.DeleteFunc(slices.Clone(v.items), func(x *value) bool { return x == nil || x.kind == null }) // which yaml skips
}

// groups reads a list of groups.
func (r *groupReader) groups(v *value) []*RuleGroup {
	var out []*RuleGroup
	for _, g := range r.items(v, "groups") {
		out = append(out, r.group(g))
	}
	return out
}

func (r *groupReader) group(v *value) *RuleGroup {
	r.rule = ""
	group := &RuleGroup{File: r.d.File}
	if !v.is(object) {
		r.fault(v.at(), "a group must be a mapping, not "+v.kind.String(), "write name and rules")
		return group
	}
	group.Name = r.text(v.get("name"), "name")
	if group.Name.Value == "" {
		r.fault(v.start, "the group has no name", "give it a name, each of a file its own")
	}
	group.Interval, _ = r.duration(v.get("interval"), "interval")
	group.Offset, _ = r.duration(v.get("query_offset"), "query_offset")
	if l := v.get("limit"); l != nil && l.kind != null && r.of != ofOthers {
		n, ok := l.num()
		if group.Limit = int(n); !ok || math.Abs(n) > math.MaxInt64 {
			r.fault(l.at(), "limit must be a whole number", "write it without quotes: limit: 10")
		}
	}
	labels := r.labels(v.get("labels"), "labels")
	for _, x := range r.items(v.get(r.misspelt(v, "rules")), "rules") {
		group.Rules = append(group.Rules, r.one(group, x, labels))
	}
	r.rule = ""
	r.fields(v, "a group", groupFields)
	return group
}

// misspelt returns the name under which an object has what it should have under another.
func (r *groupReader) misspelt(v *value, name string) string {
	if v.get(name) == nil {
		for _, m := range v.fields() {
			if near(m.key.Value, name) && holdsRules(m.value, 0) {
				return m.key.Value
			}
		}
	}
	return name
}

// near reports whether a name is meant to be another.
func near(name, other string) bool {
	name = strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(name))
	return diag.Nearest(name, []string{other}) != "" || name == "rulegroups" && other == "groups"
}

// labels reads the labels of a rule or a group.
func (r *groupReader) labels(v *value, what string) []Pair {
	var out []Pair
	for _, m := range r.mapping(v, what) {
		x := r.text(m.value, what+"."+m.key.Value)
		if !model.UTF8Validation.IsValidLabelName(m.key.Value) || what == "labels" && m.key.Value == model.MetricNameLabel {
			r.fault(m.key, fmt.Sprintf("%q is not the name of a label", m.key.Value), "use letters, digits and underscores; __name__ is what record says")
		}
		out = append(out, Pair{m.key, x})
	}
	return out
}

func (r *groupReader) one(g *RuleGroup, v *value, labels []Pair) *Rule {
	out := &Rule{Group: g, at: v.at(), borrowed: v.aliased}
	if !v.is(object) {
		r.rule = ""
		r.fault(v.at(), "a rule must be a mapping, not "+v.kind.String(), "write alert or record, and expr")
		return out
	}
	out.at = v.start
	for _, m := range v.fields() {
		if m.merged && (m.key.Value == "alert" || m.key.Value == "record") {
			out.borrowed = true
		}
	}
	r.rule = v.get("alert").str().Value + v.get("record").str().Value
	out.Record, out.Alert = r.text(v.get("record"), "record"), r.text(v.get("alert"), "alert")
	if out.Record.Value == "" {
		out.Record = Text{}
	}
	if out.Alert.Value == "" {
		out.Alert = Text{}
	}
	e := v.get("expr")
	if t := r.expression(e); t.Value != "" {
		out.Queries = append(out.Queries, NewQuery(t, false))
	} else if !e.is(list) && !e.is(object) {
		r.fault(out.At(), "the rule has no expr", "give it an expression")
	}
	switch records, alerts := !out.Record.IsZero(), !out.Alert.IsZero(); {
	case records && alerts:
		r.fault(out.Record, "the rule both records and alerts", "make two rules of it")
	case !records && !alerts:
		r.fault(out.at, "the rule neither records nor alerts", "give it record or alert")
	}
	out.For, out.ForAt = r.duration(v.get("for"), "for")
	out.HasFor = !out.ForAt.IsZero()
	out.KeepFiringFor, _ = r.duration(v.get("keep_firing_for"), "keep_firing_for")
	out.Labels = r.labels(v.get("labels"), "labels")
	out.Annotations = r.labels(v.get("annotations"), "annotations")
	if !out.Record.IsZero() {
		for name, has := range map[string]bool{"for": out.For != 0, "keep_firing_for": out.KeepFiringFor != 0, "annotations": len(out.Annotations) > 0} {
			if has && out.Alert.IsZero() {
				r.fault(v.get(name).at(), "a recording rule has no "+name, "drop it, or make an alert of the rule")
			}
		}
		if n := out.Record.Value; strings.ContainsAny(n, "{}") || !model.UTF8Validation.IsValidMetricName(n) {
			r.fault(out.Record, "this is no name of a series: "+n, "use letters, digits, underscores and colons")
		}
	}
	for _, l := range labels {
		if _, own := out.Label(l.Key.Value); !own {
			out.Labels = append(out.Labels, l)
		}
	}
	r.fields(v, "a rule", ruleFields)
	return out
}

// expression reads an expression, which a manifest may also have as a whole number.
func (r *groupReader) expression(v *value) Text {
	if n, ok := v.num(); ok && r.of == ofOperator && n == math.Trunc(n) {
		return v.str()
	}
	return r.text(v, "expr")
}

// plain reads a document that Prometheus itself would read as a file of rules, and reports whether it has groups below
// groups at all.
func (d *Document) plain(v *value) bool {
	r := &groupReader{d: d}
	switch {
	case areRules(v):
		r.fault(v.start, "the file is a list of rules: Prometheus reads groups of them", "write groups: - name: NAME, rules: above it")
		d.rules([]*RuleGroup{r.group(grouped(v.start, v))})
		return false
	case v.is(list):
		r.fault(v.start, "the file is a list of groups: Prometheus reads them below groups", "write groups: above it")
		d.rules(r.groups(v))
		return false
	case isRule(v):
		r.fault(v.start, "the rule stands in no group", "write groups: - name: NAME, rules: above it")
		d.rules([]*RuleGroup{r.group(grouped(v.start, &value{kind: list, items: []*value{v}, start: v.start}))})
		return false
	}
	name := r.misspelt(v, "groups")
	groups := v.get(name)
	switch rules := v.get("rules"); {
	case groups == nil && rules != nil:
		r.fault(v.start, "the rules stand in no group", "write groups: - name: NAME, rules: above them")
		d.rules([]*RuleGroup{r.group(grouped(v.start, rules))})
		return false
	case groups.is(object) && groups.get("rules") == nil && holdsRules(groups, 0):
		r.fault(groups.start, "groups must be a list, not a mapping", "write - name: NAME before the rules of each")
		for _, m := range groups.fields() {
			if rules := m.value.get("rules"); rules != nil {
				d.rules([]*RuleGroup{r.group(grouped(m.key, rules))})
			}
		}
	default:
		d.rules(r.groups(groups))
	}
	r.rule = ""
	if n := v.get("namespace"); n.is(text) && name == "groups" {
		r.report("syntax/other-ruler", n.text, "Prometheus refuses the field namespace: mimirtool, cortextool and lokitool read it", "drop it where Prometheus loads the file")
		v = &value{kind: object, start: v.start, members: slices.DeleteFunc(slices.Clone(v.members), func(m member) bool { return m.key.Value == "namespace" })}
	}
	r.fields(v, "a file of rules", words("groups"))
	return true
}

// grouped returns rules as a group that has a name, since its lack is not what is wrong.
func grouped(name Text, rules *value) *value {
	return &value{kind: object, start: rules.at(), members: []member{{key: Text{Value: "name"}, value: &value{kind: text, text: name}}, {key: Text{Value: "rules"}, value: rules}}}
}

// isRule reports whether a value is a rule and nothing more.
func isRule(v *value) bool {
	return v.is(object) && !v.get("expr").str().IsZero() && (!v.get("alert").str().IsZero() || !v.get("record").str().IsZero()) &&
		!slices.ContainsFunc(v.members, func(m member) bool { return !ruleFields[m.key.Value] })
}

func areRules(v *value) bool {
	return len(v.all()) > 0 && !slices.ContainsFunc(v.items, func(r *value) bool { return !isRule(r) })
}

// holdsRules reports whether a value, which may be in the place of groups, of a group, of rules or of a rule, has
// something with a field that only rules have.
func holdsRules(v *value, depth int) bool {
	const most = 4
	if depth > most {
		return false
	}
	for _, name := range []string{"alert", "record", "expr"} {
		if v.is(object) && !v.get(name).str().IsZero() {
			return true
		}
	}
	below := func(x *value) bool { return holdsRules(x, depth+1) }
	return slices.ContainsFunc(v.all(), below) || slices.ContainsFunc(v.fields(), func(m member) bool { return below(m.value) })
}

// isGroup reports whether a value has rules as a group has them, by whatever name, or nothing that could be a rule and
// otherwise what a group has.
func isGroup(v *value) bool {
	if slices.ContainsFunc(v.fields(), func(m member) bool { return near(m.key.Value, "rules") && holdsRules(m.value, 3) }) {
		return true
	}
	rules := v.get("rules")
	return v.get("name") != nil && rules != nil && !rules.is(object) && !slices.ContainsFunc(rules.all(), func(x *value) bool { return x.is(object) }) &&
		!slices.ContainsFunc(v.members, func(m member) bool {
			return others[m.key.Value] == "" && diag.Nearest(m.key.Value, slices.Collect(maps.Keys(groupFields))) == ""
		})
}

// meansRules reports whether a document is meant to be a file of rules, however wrong it is.
func meansRules(v *value) bool {
	switch {
	case v.is(list):
		return areRules(v) || slices.ContainsFunc(v.items, isGroup)
	case isRule(v), areRules(v.get("rules")), isRule(v.get("rules")):
		return true
	}
	if g := v.get("groups"); g != nil && !slices.ContainsFunc(v.members, func(m member) bool { return m.key.Value != "groups" && m.key.Value != "namespace" }) {
		if !slices.ContainsFunc(g.all(), func(x *value) bool { return x.is(object) || x.is(list) }) && !slices.ContainsFunc(g.fields(), func(m member) bool { return m.value.is(object) || m.value.is(list) }) {
			return true // nothing else is called groups and nothing but that
		}
	}
	return slices.ContainsFunc(v.fields(), func(m member) bool {
		g := m.value
		return near(m.key.Value, "groups") && (isGroup(g) || slices.ContainsFunc(g.all(), isGroup) || slices.ContainsFunc(g.fields(), func(m member) bool { return isGroup(m.value) }))
	})
}

// manifest reads a PrometheusRule.
func (d *Document) manifest(v *value) {
	r := &groupReader{d: d, of: ofOperator}
	if k := v.get("kind").str(); k.Value != "PrometheusRule" {
		r.report("syntax/manifest", k, "there is no kind "+k.Value, "write PrometheusRule")
	}
	spec := v.get("spec")
	if spec == nil && meansRules(v) {
		r.report("syntax/manifest", v.start, "the groups of a PrometheusRule stand below spec", "write spec: above them")
		spec = &value{kind: object, start: v.start, members: slices.DeleteFunc(slices.Clone(v.members), func(m member) bool { return !near(m.key.Value, "groups") })}
	}
	if spec == nil || spec.kind == null {
		r.report("syntax/manifest", v.start, "the PrometheusRule has no spec", "write its groups below spec")
	}
	for _, m := range r.mapping(spec, "spec") {
		if m.key.Value != "groups" {
			r.report("syntax/manifest", m.key, "the spec of a PrometheusRule has no field "+m.key.Value, suggest(m.key.Value, words("groups")))
		}
	}
	d.rules(r.groups(spec.get(r.misspelt(spec, "groups"))))
}

// meansManifest reports whether a document is a PrometheusRule, or meant to be one.
func meansManifest(v *value) bool {
	kind := v.get("kind").str().Value
	return kind == "PrometheusRule" || near(kind, "prometheusrule") && v.get("spec").is(object) && holdsRules(v.get("spec"), 0)
}

// refused has Prometheus's own reader read a file, and reports what it refuses beyond what is found already: what YAML
// does not decode, by its line; what a rule lacks, which stands elsewhere, where nothing is found.
func (d *Document) refused(f *File) {
	found := map[int]bool{} // lines with a finding
	for _, x := range d.Findings {
		if x.Severity != diag.Warning {
			found[x.At.Line] = true
		}
	}
	_, errs := rulefmt.Parse(f.Data, false, model.UTF8Validation, promql, promslog.NewNopLogger())
	for _, err := range errs {
		texts := []string{err.Error()}
		var types *yaml.TypeError
		if errors.As(err, &types) {
			texts = types.Errors
		}
		for _, text := range texts {
			m := refusal.FindStringSubmatch(text)
			line, _ := strconv.Atoi(m[1] + m[2])
			col, _ := strconv.Atoi(m[3])
			at := f.offset(max(line, 1), max(col, 1))
			p := f.Position(at, at)
			if found[p.Line] || len(found) > 0 && types == nil || told.MatchString(text) {
				continue
			}
			found[p.Line] = true
			d.Findings = append(d.Findings, diag.Finding{
				ID: "syntax/rule", Severity: diag.Error, At: p, Message: "Prometheus refuses the file: " + text[len(m[0]):], Mend: "write it as the documentation of rules has it",
			})
		}
	}
}

var (
	refusal = regexp.MustCompile(`^(?:(?:yaml: )?line (\d+): |(\d+):(\d+): (?:\d+:\d+: )?)?`)
	// told are refusals that the checks of expressions, templates and groups report.
	told = regexp.MustCompile(`could not parse expression: |(?:label|annotation) "(?s:.*)": template: |is repeated in the same file`)
)
