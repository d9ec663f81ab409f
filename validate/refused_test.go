package validate_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
	"go.yaml.in/yaml/v3"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/source"
	"github.com/obsgen/obsgen/validate"
)

// prometheusRefuses returns why Prometheus's own reader refuses a file of rules, nothing where it loads it.
func prometheusRefuses(data []byte) []error {
	p := parser.NewParser(parser.Options{EnableExperimentalFunctions: true, EnableBinopFillModifiers: true})
	_, errs := rulefmt.Parse(data, false, model.UTF8Validation, p, promslog.NewNopLogger())
	return errs
}

// refusals returns the findings that say that a file does not load.
func refusals(name, text string) []diag.Finding {
	fs := validate.NewSet([]*source.Document{source.Read(name, []byte(text))}, validate.Options{}).Run()
	return slices.DeleteFunc(fs, func(f diag.Finding) bool {
		return f.Severity != diag.Error || !strings.HasPrefix(f.ID, "syntax/") && f.ID != "template/syntax" && f.ID != "group/duplicate"
	})
}

const rule = `{alert: A, expr: "up{"}`

// refused are files that Prometheus does not load, each with the place and a part of the message of its first finding.
var refused = []struct{ name, text, at, says string }{
	{"rule for rules", "groups: [{name: g, rule: [" + rule + "]}]", "1:20", "has no field rule"},
	{"rule for rules, beside a good group", "groups:\n- {name: g, rules: [{alert: A, expr: up}]}\n- {name: h, rule: [" + rule + "]}\n", "3:13", "has no field rule"},
	{"no name, unknown field, no rules", "groups:\n- {name: g, rules: [{alert: A, expr: up}]}\n- nme: h\n", "3:3", "has no field nme"},
	{"the dash of rules forgotten", "groups: [{name: g, rules: " + rule + "}]", "1:27", "rules must be a list, not a mapping"},
	{"rules is a string", "groups:\n- name: g\n  rules: x\n", "3:10", "rules must be a list, not a string"},
	{"group", "group: [{name: g, rules: [" + rule + "]}]", "1:1", "has no field group"},
	{"Groups", "Groups: [{name: g, rules: [" + rule + "]}]", "1:1", "has no field Groups"},
	{"rule_groups", "rule_groups: [{name: g, rules: [" + rule + "]}]", "1:1", "has no field rule_groups"},
	{"groups is a mapping", "groups: {a: 1}", "1:9", "groups must be a list, not a mapping"},
	{"groups is a mapping of groups", "groups:\n  a:\n    rules: [" + rule + "]\n", "2:3", "groups must be a list, not a mapping"},
	{"groups is a string", `groups: "x"`, "1:10", "groups must be a list, not a string"},
	{"a list of groups", "- name: g\n  rules: [" + rule + "]\n", "1:1", "list of groups"},
	{"a list of rules", "- alert: A\n  expr: up{\n", "1:1", "list of rules"},
	{"rules without a group", "rules:\n- alert: A\n  expr: up{\n", "1:1", "in no group"},
	{"a rule alone", "alert: A\nexpr: up{\n", "1:1", "in no group"},
	{"unknown field of the file", "groups: [{name: g, rules: []}]\nfoo: 1\n", "2:1", "has no field foo"},

	{"interval without a unit", "groups: [{name: g, interval: 30, rules: []}]", "1:30", `interval is not a duration: "30"`},
	{"interval is a list", "groups: [{name: g, interval: [1m], rules: []}]", "1:30", "interval must be a string, not a list"},
	{"interval is empty", `groups: [{name: g, interval: "", rules: []}]`, "1:31", "interval is not a duration"},
	{"query_offset", "groups: [{name: g, query_offset: soon, rules: []}]", "1:34", "query_offset is not a duration"},
	{"limit is a string", `groups: [{name: g, limit: "5", rules: []}]`, "1:28", "limit must be a whole number"},
	{"limit is a boolean", "groups: [{name: g, limit: true, rules: []}]", "1:27", "limit must be a whole number"},
	{"labels are a list", "groups: [{name: g, rules: [{alert: A, expr: up, labels: [severity]}]}]", "1:57", "labels must be a mapping, not a list"},
	{"labels are a string", "groups: [{name: g, rules: [{alert: A, expr: up, labels: page}]}]", "1:57", "labels must be a mapping, not a string"},
	{"labels of a group are a list", "groups: [{name: g, labels: [a], rules: []}]", "1:28", "labels must be a mapping"},
	{"an annotation is a list", "groups: [{name: g, rules: [{alert: A, expr: up, annotations: {a: [1]}}]}]", "1:66", "annotations.a must be a string, not a list"},
	{"a label is a mapping", "groups: [{name: g, rules: [{alert: A, expr: up, labels: {a: {b: c}}}]}]", "1:61", "labels.a must be a string, not a mapping"},
	{"the label __name__", "groups: [{name: g, rules: [{alert: A, expr: up, labels: {__name__: x}}]}]", "1:58", "__name__"},
	{"the label __name__ of a group", "groups: [{name: g, labels: {__name__: x}, rules: []}]", "1:29", "__name__"},
	{"a label without a name", `groups: [{name: g, rules: [{alert: A, expr: up, labels: {"": x}}]}]`, "1:59", `"" is not the name of a label`},
	{"an annotation without a name", `groups: [{name: g, rules: [{alert: A, expr: up, annotations: {"": x}}]}]`, "1:64", `"" is not the name of a label`},
	{"a label twice", "groups: [{name: g, rules: [{alert: A, expr: up, labels: {a: b, a: c}}]}]", "1:64", "written twice"},
	{"a field twice", "groups: [{name: g, rules: [{alert: A, expr: up, expr: up}]}]", "1:49", "written twice"},
	{"rules twice", "groups:\n- name: g\n  rules: []\n  rules: []\n", "4:3", "written twice"},
	{"groups twice", "groups: []\ngroups: []\n", "2:1", "written twice"},
	{"a group without a name", "groups: [{rules: [{alert: A, expr: up}]}]", "1:10", "no name"},
	{"a group with an empty name", `groups: [{name: "", rules: [{alert: A, expr: up}]}]`, "1:10", "no name"},
	{"two groups of one name", "groups: [{name: g, rules: []}, {name: g, rules: []}]", "1:39", "two groups g"},
	{"a group is a string", "groups: [g]", "1:10", "a group must be a mapping, not a string"},
	{"a rule is a string", "groups: [{name: g, rules: [up]}]", "1:28", "a rule must be a mapping, not a string"},
	{"a rule is a list", "groups: [{name: g, rules: [[up]]}]", "1:28", "a rule must be a mapping, not a list"},
	{"rules is a mapping of a record", "groups: [{name: g, rules: {record: a, expr: up}}]", "1:27", "rules must be a list"},
	{"expr is a mapping", "groups: [{name: g, rules: [{alert: A, expr: {a: b}}]}]", "1:45", "expr must be a string, not a mapping"},
	{"no expr", "groups: [{name: g, rules: [{alert: A}]}]", "1:36", "no expr"},
	{"expr is empty", `groups: [{name: g, rules: [{alert: A, expr: ""}]}]`, "1:36", "no expr"},
	{"neither alert nor record", "groups: [{name: g, rules: [{expr: up}]}]", "1:28", "neither records nor alerts"},
	{"both alert and record", "groups: [{name: g, rules: [{alert: A, record: b, expr: up}]}]", "1:47", "both records and alerts"},
	{"for without a unit", "groups: [{name: g, rules: [{alert: A, expr: up, for: 30}]}]", "1:54", `for is not a duration: "30"`},
	{"for of a record", "groups: [{name: g, rules: [{record: a, expr: up, for: 5m}]}]", "1:55", "a recording rule has no for"},
	{"keep_firing_for of a record", "groups: [{name: g, rules: [{record: a, expr: up, keep_firing_for: 5m}]}]", "1:67", "a recording rule has no keep_firing_for"},
	{"annotations of a record", "groups: [{name: g, rules: [{record: a, expr: up, annotations: {a: b}}]}]", "1:63", "a recording rule has no annotations"},
	{"braces in a record", `groups: [{name: g, rules: [{record: "a{b='c'}", expr: up}]}]`, "1:38", "no name of a series"},
	{"an unknown field of a rule", "groups: [{name: g, rules: [{alert: A, expr: up, label: {a: b}}]}]", "1:49", "a rule has no field label"},
	{"an unknown field of a group", "groups: [{name: g, intervall: 1m, rules: []}]", "1:20", "a group has no field intervall"},
	{"a template that does not parse", "groups: [{name: g, rules: [{alert: A, expr: up, annotations: {a: '{{ $lables.x }}'}}]}]", "1:67", "does not parse"},
	{"a merge of no mapping", "groups: [{name: g, rules: [{<<: up, alert: A, expr: up}]}]", "1:1", "map merge requires map"},
}

// TestRefused holds what is found in files that Prometheus refuses, and that it refuses them.
func TestRefused(t *testing.T) {
	for _, x := range refused {
		t.Run(x.name, func(t *testing.T) {
			if len(prometheusRefuses([]byte(x.text))) == 0 {
				t.Fatal("Prometheus loads the file")
			}
			fs := refusals("r.yaml", x.text)
			if len(fs) == 0 {
				t.Fatal("nothing is found")
			}
			if !strings.HasPrefix(fs[0].At.String(), "r.yaml:"+x.at) || !strings.Contains(fs[0].Message, x.says) {
				t.Errorf("the first finding is %s", fs[0])
			}
			if strings.Contains(x.text, `up{"`) || strings.Contains(x.text, "up{\n") {
				if !slices.ContainsFunc(fs, func(f diag.Finding) bool { return f.ID == "syntax/promql" }) {
					t.Errorf("the rule's own fault is not found: %q", fs)
				}
			}
			most := 1
			if strings.Contains(x.text, "up{") {
				most++
			}
			if strings.Contains(x.name, "no name, unknown") {
				most++
			}
			if len(fs) > most {
				t.Errorf("%d findings: %q", len(fs), fs)
			}
		})
	}
}

// loaded are files that Prometheus loads, odd as they are.
var loaded = map[string]string{
	"no groups":                        "groups: []\n",
	"groups is null":                   "groups:\n",
	"rules is null":                    "groups: [{name: g, rules: }]",
	"a rule is null":                   "groups:\n- name: g\n  rules:\n  -\n",
	"labels that are no strings":       "groups: [{name: g, rules: [{alert: A, expr: up, labels: {page: off, weight: 300, pageable: true, none: }, annotations: {a: No}}]}]",
	"expr is a number":                 "groups: [{name: g, rules: [{record: a, expr: 1}, {record: b, expr: true}]}]",
	"interval is 0":                    "groups: [{name: g, interval: 0, rules: []}]",
	"interval is null":                 "groups: [{name: g, interval: , limit: , query_offset: , labels: , rules: []}]",
	"limit is 5.0":                     "groups: [{name: g, limit: 5.0, rules: []}]",
	"for of a record is 0":             "groups: [{name: g, rules: [{record: a, expr: up, for: 0s, annotations: {}}]}]",
	"a record with a blank":            `groups: [{name: g, rules: [{record: "a b", expr: up}]}]`,
	"a rule merges":                    "groups:\n- name: g\n  rules:\n  - &soon {alert: Soon, expr: up < 9, for: 5m, labels: {severity: warning}}\n  - <<: *soon\n    expr: up < 7\n    labels: {severity: critical}\n",
	"the merge stands last":            "groups: [{name: a, rules: [&b {alert: A, expr: up == 0, for: 5m}, {alert: B, for: 1m, <<: *b}]}]",
	"labels merge":                     "groups: [{name: a, rules: [{alert: A, expr: up, labels: &l {a: b, severity: page}}, {alert: B, expr: up == 1, labels: {<<: *l, severity: warning}}]}]",
	"several merge":                    "groups: [{name: a, rules: [&a {alert: A, expr: up == 0}, &b {alert: B, expr: up == 1, for: 1m}, {<<: [*a, *b], alert: C}]}]",
	"a rule is an alias":               "groups: [{name: a, rules: [&a {alert: A, expr: up == 0}]}, {name: b, rules: [*a]}]",
	"a second document":                "groups: []\n---\ngroups: [{name: g, rules: [" + rule + "]}]\n",
	"JSON":                             `{"groups": [{"name": "g", "rules": [{"alert": "A", "expr": "up == 0", "labels": {"a": "b"}}]}]}`,
	"labels and offset of a group":     "groups: [{name: g, query_offset: 1m, labels: {a: b}, rules: [{record: a, expr: up}]}]",
	"a label's name in quotes":         `groups: [{name: g, rules: [{record: a, expr: up, labels: {"a.b": c}}]}]`,
	"a template of a group's label":    "groups: [{name: g, labels: {a: '{{ $labels.job }}'}, rules: [{alert: A, expr: up == 0}]}]",
	"a template that a record carries": "groups: [{name: g, rules: [{record: a, expr: up, labels: {a: '{{ $lables.job }}'}}]}]",
}

// TestLoaded wants no refusal of files that Prometheus loads.
func TestLoaded(t *testing.T) {
	for name, text := range loaded {
		if errs := prometheusRefuses([]byte(text)); len(errs) > 0 {
			t.Errorf("%s: Prometheus refuses the file: %v", name, errs)
		}
		if fs := refusals("r.yaml", text); len(fs) > 0 {
			t.Errorf("%s: %q", name, fs)
		}
	}
}

// TestRefusedAsPrometheusDoes changes good files at random and wants Prometheus's verdict on each.
func TestRefusedAsPrometheusDoes(t *testing.T) {
	rounds, seed := 1500, uint64(1)
	if n, err := strconv.Atoi(os.Getenv("OBSGEN_REFUSED")); err == nil {
		rounds, seed = n, rand.Uint64()
	}
	r := rand.New(rand.NewPCG(seed, 0))
	var seeds []string
	for _, name := range []string{"a rule merges", "several merge", "a rule is an alias", "labels and offset of a group"} {
		seeds = append(seeds, loaded[name])
	}
	seeds = append(seeds, "groups:\n- name: g\n  interval: 1m\n  limit: 5\n  labels: {team: a}\n  rules:\n  - {alert: A, expr: up == 0, for: 5m, keep_firing_for: 5m, labels: {severity: page}, annotations: {summary: '{{ $value }}'}}\n  - {record: a:b, expr: sum(up), labels: {a: b}}\n- name: h\n  rules: [{record: c, expr: vector(1)}]\n")
	counts := map[bool]int{}
	for i := range rounds {
		var root yaml.Node
		if err := yaml.Unmarshal([]byte(seeds[r.IntN(len(seeds))]), &root); err != nil {
			t.Fatal(err)
		}
		for range 1 + r.IntN(2) {
			spoil(r, &root)
		}
		data, err := yaml.Marshal(&root)
		if err != nil {
			continue // an alias without its anchor
		}
		errs := prometheusRefuses(data)
		doc := source.Read("r.yaml", data)
		if doc.IsEmpty() {
			continue // nothing in it says that it is one of rules
		}
		counts[len(errs) > 0]++
		fs := slices.DeleteFunc(refusals("r.yaml", string(data)), func(f diag.Finding) bool { // rulefmt does not parse those, the alert does
			return f.ID == "template/syntax" && strings.HasPrefix(strings.Split(string(data), "\n")[f.At.Line-1], "      labels:")
		})
		if (len(errs) > 0) != (len(fs) > 0) {
			t.Fatalf("round %d of seed %d: found %q, Prometheus says %v\n%s", i, seed, fs, errs, data)
		}
	}
	t.Logf("%d files refused, %d loaded", counts[true], counts[false])
	if counts[true] < rounds/4 || counts[false] < rounds/20 {
		t.Errorf("the files show little: %v", counts)
	}
}

// spoil changes one node of a document.
func spoil(r *rand.Rand, root *yaml.Node) {
	var all []*yaml.Node
	var walk func(n *yaml.Node)
	walk = func(n *yaml.Node) {
		all = append(all, n)
		for _, c := range n.Content {
			walk(c)
		}
	}
	walk(root.Content[0])
	n := all[r.IntN(len(all))]
	words := []string{"", "x", "5m", "30", "up{", "null", "true", "1.5", "a b", "{{ $x }}", "__name__", "name", "rules", "alert", "expr", "record", "for", "labels", "annotations", "limit"}
	word := words[r.IntN(len(words))]
	scalar := func() *yaml.Node {
		return &yaml.Node{Kind: yaml.ScalarNode, Value: word, Style: []yaml.Style{0, yaml.DoubleQuotedStyle}[r.IntN(2)]}
	}
	switch k := r.IntN(7); {
	case k == 0 && n.Kind == yaml.ScalarNode:
		*n = *scalar()
	case k == 1:
		*n = yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{scalar()}}
	case k == 2:
		*n = yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{scalar(), scalar()}}
	case k == 3 && n.Kind != yaml.AliasNode && n.Anchor == "":
		*n = *scalar()
	case k == 4 && n.Kind == yaml.MappingNode && len(n.Content) > 0:
		at := 2 * r.IntN(len(n.Content)/2)
		n.Content = slices.Delete(n.Content, at, at+2)
	case k == 5 && n.Kind == yaml.MappingNode:
		n.Content = append(n.Content, scalar(), scalar())
	case n.Kind == yaml.SequenceNode && len(n.Content) > 0:
		n.Content = append(n.Content, n.Content[r.IntN(len(n.Content))])
	}
	_ = fmt.Sprint
}

// manifests are what stands below rules: of a PrometheusRule, and what is found there, "" for nothing.
var manifests = []struct{ name, rule, says string }{
	{"off as a label", `{alert: A, expr: up, labels: {page: off}}`, "labels.page must be a string: YAML reads off as a boolean"},
	{"a number as a label", `{alert: A, expr: up, labels: {weight: 300}}`, "labels.weight must be a string: YAML reads 300 as a number"},
	{"true as a label", `{alert: A, expr: up, labels: {pageable: true}}`, "labels.pageable must be a string"},
	{"No as an annotation", `{alert: A, expr: up, annotations: {summary: No}}`, "annotations.summary must be a string: YAML reads No as a boolean"},
	{"a number as an annotation", `{alert: A, expr: up, annotations: {summary: 1.5}}`, "annotations.summary must be a string"},
	{"a list as an annotation", `{alert: A, expr: up, annotations: {summary: [a]}}`, "annotations.summary must be a string, not a list"},
	{"expr is a boolean", `{alert: A, expr: true}`, "expr must be a string"},
	{"expr is a fraction", `{alert: A, expr: 1.5}`, "expr must be a string"},
	{"for is a number", `{alert: A, expr: up, for: 30}`, "for must be a string: YAML reads 30 as a number"},
	{"alert is a number", `{alert: 5, expr: up}`, "alert must be a string"},
	{"an unknown field", `{alert: A, expr: up, label: {a: b}}`, "a rule has no field label"},
	{"quoted", `{alert: A, expr: up, for: "30s", labels: {page: "off", weight: '300', y: "y"}, annotations: {summary: "No"}}`, ""},
	{"words", `{alert: A, expr: up, labels: {page: offline, none: nothing}, annotations: {summary: Nothing}}`, ""},
	{"expr is a whole number", `{record: a, expr: 1}`, ""},
	{"null is dropped", `{alert: A, expr: up, for: , labels: , annotations: {summary: }}`, ""},
}

// TestManifests holds what the schema of a PrometheusRule refuses, and that nothing of it is said of a plain file.
func TestManifests(t *testing.T) {
	for _, x := range manifests {
		text := "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: {name: a}\nspec:\n  groups:\n  - name: g\n    rules:\n    - " + x.rule + "\n"
		fs := refusals("r.yaml", text)
		switch {
		case x.says == "" && len(fs) > 0:
			t.Errorf("%s: %q", x.name, fs)
		case x.says != "" && (len(fs) != 1 || !strings.Contains(fs[0].Message, x.says) || fs[0].At.Line != 8):
			t.Errorf("%s: %q, want %s", x.name, fs, x.says)
		}
		plain := "groups:\n- name: g\n  rules:\n  - " + x.rule + "\n"
		if fs := refusals("r.yaml", plain); (len(fs) > 0) != (len(prometheusRefuses([]byte(plain))) > 0) {
			t.Errorf("%s: in a plain file %q, Prometheus says %v", x.name, fs, prometheusRefuses([]byte(plain)))
		}
	}
	for text, says := range map[string]string{
		"kind: PrometheusRule\nspec:\n  groups:\n  - {name: g, interval: 30, rules: []}\n":                            "interval must be a string: YAML reads 30 as a number",
		"kind: PrometheusRule\nspec:\n  groups:\n  - {name: g, limit: \"5\", rules: []}\n":                            "limit must be a whole number",
		"kind: PrometheusRule\nspec:\n  group:\n  - {name: g, rules: [{alert: A, expr: up}]}\n":                       "the spec of a PrometheusRule has no field group",
		"kind: PrometheusRules\nspec:\n  groups:\n  - {name: g, rules: [{alert: A, expr: up}]}\n":                     "there is no kind PrometheusRules",
		"kind: PrometheusRule\ngroups:\n- {name: g, rules: [{alert: A, expr: up}]}\n":                                 "stand below spec",
		"kind: PrometheusRule\nspec:\n  groups: {name: g, rules: [{alert: A, expr: up}]}\n":                           "groups must be a list, not a mapping",
		"kind: PrometheusRule\nspec:\n  groups:\n  - {name: g, partial_response_strategy: warn, rules: []}\n":         "",
		"kind: PrometheusRule\nspec: {groups: []}\n":                                                                  "",
		"kind: PrometheusRule\nspec: {}\n":                                                                            "",
		"kind: PrometheusRule\nmetadata: {name: a}\n":                                                                 "has no spec",
		"kind: VMRule\nspec:\n  groups:\n  - {name: g, limit: 5, debug: true, rules: [{alert: A, expr: up, x: 1}]}\n": "",
		"kind: AlertingRule\nspec:\n  groups:\n  - {name: g, rules: [{alert: A, expr: sum(rate({a=\"b\"}[1m]))}]}\n":  "",
	} {
		fs := slices.DeleteFunc(refusals("r.yaml", text), func(f diag.Finding) bool { return f.ID == "syntax/yaml" })
		if says == "" && len(fs) > 0 || says != "" && (len(fs) != 1 || !strings.Contains(fs[0].Message, says)) {
			t.Errorf("%q, want %s of\n%s", fs, says, text)
		}
	}
}

// TestOthersFilesAreNotRefused wants nothing said of files that only resemble rules.
func TestOthersFilesAreNotRefused(t *testing.T) {
	for _, text := range []string{
		"rules:\n- alert: A\n  uid: x\n  expr: up\n  threshold: 0\n",
		"groups:\n- name: Basic\n  services:\n  - name: x\n    exporters:\n    - rules: [{name: n, query: up}]\n",
		"groups:\n  web:\n    hosts: [a, b]\n",
		"groups:\n- name: admins\n  members: [a]\n",
		"rules:\n- apiGroups: ['']\n  resources: [pods]\n",
		"rules:\n- pattern: a\n  name: b\n",
		"apiVersion: 1\ngroups:\n- {orgId: 1, name: g, folder: f, interval: 1m, rules: []}\n",
		"all:\n  rules: [x]\n  group: y\n",
		"record: true\nexpr: {a: b}\n",
	} {
		if d := source.Read("r.yaml", []byte(text)); !d.IsEmpty() {
			t.Errorf("%q in\n%s", d.Findings, text)
		}
	}
}

// TestMergedPlaces wants two rules of one text to be told apart by where they stand.
func TestMergedPlaces(t *testing.T) {
	for _, text := range []string{
		"groups:\n- name: g\n  rules:\n  - &a {alert: A, expr: up == 0, for: 5m}\n  - *a\n",
		"groups:\n- name: g\n  rules:\n  - &a {alert: A, expr: up == 0, for: 5m}\n  - {<<: *a}\n",
	} {
		i := slices.IndexFunc(lint([2]string{"r.yaml", text}), func(f diag.Finding) bool { return f.ID == "alert/duplicate" })
		if i < 0 {
			t.Errorf("no duplicate in\n%s", text)
			continue
		}
		if f := lint([2]string{"r.yaml", text})[i]; f.At.Line != 5 || f.Related[0].At.Line != 4 {
			t.Errorf("the duplicates are at %s and %s in\n%s", f.At, f.Related[0].At, text)
		}
	}
}
