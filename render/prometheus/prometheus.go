// Package prometheus writes a plan as Prometheus reads it: one file of rules for each group, and a
// configuration that loads them.
package prometheus

import (
	"bytes"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/obsgen/obsgen/dashboards"
	"github.com/obsgen/obsgen/plan"
	"github.com/obsgen/obsgen/render/tree"
	"github.com/obsgen/obsgen/unit"
)

// Render returns prometheus/prometheus.yml and prometheus/rules/<group>.yaml.
func Render(p *plan.Plan) ([]tree.File, error) {
	config, err := encode(configuration(p), "Written by obsgen build for the profile "+p.Profile.Name+"; edits are lost.")
	if err != nil {
		return nil, fmt.Errorf("prometheus.yml: %w", err)
	}
	files := []tree.File{{Path: "prometheus/prometheus.yml", Data: config}}
	for _, g := range p.Groups {
		head := "Written by obsgen build for the profile " + p.Profile.Name + "; edits are lost."
		var about []string
		if g.Help != "" {
			about = append(about, sentence(g.Help))
		}
		if g.Owner != "" {
			about = append(about, "Owner: "+g.Owner+".")
		}
		if len(about) > 0 {
			head += "\n" + strings.Join(about, " ")
		}
		data, err := encode(ruleFile(p, g), head)
		if err != nil {
			return nil, fmt.Errorf("group %s: %w", g.Name, err)
		}
		files = append(files, tree.File{Path: "prometheus/rules/" + g.Name + ".yaml", Data: data})
	}
	return files, nil
}

func encode(root *yaml.Node, head string) ([]byte, error) {
	var b bytes.Buffer
	for line := range strings.Lines(head) {
		b.WriteString("# " + line)
	}
	b.WriteString("\n")
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(root); err != nil {
		return nil, err
	}
	return b.Bytes(), enc.Close()
}

// object is a YAML mapping that keeps the order in which its keys were added.
type object struct{ *yaml.Node }

func newObject() object { return object{&yaml.Node{Kind: yaml.MappingNode}} }

func (o object) add(key string, value *yaml.Node) {
	o.Content = append(o.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: key}, value)
}

// older is what YAML 1.1 takes for something else than text: booleans, the default =, and numbers to the base 60. Many readers still do.
var older = regexp.MustCompile(`^(?i:=|y|yes|n|no|on|off|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?)$`)

// text is a string, as a block where it has several lines, and in quotes where a reader could take it for something else.
func text(s string) *yaml.Node {
	n := &yaml.Node{}
	n.SetString(s)
	if older.MatchString(s) {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}

func duration(d time.Duration) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Value: unit.Duration(d)}
}

func list(items ...*yaml.Node) *yaml.Node {
	return &yaml.Node{Kind: yaml.SequenceNode, Content: items}
}

func texts(ss []string) *yaml.Node {
	n := list()
	for _, s := range ss {
		n.Content = append(n.Content, text(s))
	}
	return n
}

// labels writes a mapping sorted by key.
func labels(m map[string]string) *yaml.Node {
	o := newObject()
	for _, k := range sortedKeys(m) {
		o.add(k, text(m[k]))
	}
	return o.Node
}

func ruleFile(p *plan.Plan, g *plan.Group) *yaml.Node {
	group := newObject()
	group.add("name", text(g.Name))
	group.add("interval", duration(g.Interval))
	if g.Offset > 0 {
		group.add("query_offset", duration(g.Offset))
	}
	if g.Limit > 0 {
		group.add("limit", &yaml.Node{Kind: yaml.ScalarNode, Value: strconv.Itoa(g.Limit)})
	}
	rules := list()
	for _, r := range g.Rules {
		rules.Content = append(rules.Content, rule(p, r))
	}
	group.add("rules", rules)
	root := newObject()
	root.add("groups", list(group.Node))
	return root.Node
}

func rule(p *plan.Plan, r *plan.Rule) *yaml.Node {
	o := newObject()
	if r.Alert == nil {
		o.HeadComment = r.Why
		o.add("record", text(r.Record))
		o.add("expr", text(r.Expr.Pretty()))
		if len(r.Labels) > 0 {
			o.add("labels", labels(r.Labels))
		}
		return o.Node
	}
	a := r.Alert
	o.HeadComment = a.Means
	o.add("alert", text(a.Name))
	o.add("expr", text(r.Expr.Pretty()))
	if a.For > 0 {
		o.add("for", duration(a.For))
	}
	if a.KeepFiringFor > 0 {
		o.add("keep_firing_for", duration(a.KeepFiringFor))
	}
	o.add("labels", labels(r.Labels))
	o.add("annotations", labels(Annotations(p, r)))
	return o.Node
}

// Annotations returns an alert's annotations, with Prometheus's template syntax: those that Alertmanager's templates and Grafana's alert list look for.
func Annotations(p *plan.Plan, r *plan.Rule) map[string]string {
	a := r.Alert
	out := map[string]string{"summary": a.Summary, "description": a.Description, "runbook_url": a.RunbookURL}
	maps.DeleteFunc(out, func(_, text string) bool { return text == "" })
	if a.Panel == nil {
		return out
	}
	out["__dashboardUid__"], out["__panelId__"] = a.Board.UID, strconv.Itoa(a.Panel.ID)
	if p.Profile.GrafanaURL != "" {
		link := fmt.Sprintf("%s/d/%s?viewPanel=%d", strings.TrimSuffix(p.Profile.GrafanaURL, "/"), a.Board.UID, a.Panel.ID)
		for _, v := range a.Board.Variables {
			if v.Kind == dashboards.LabelValues && r.Source.Type.Labels.Certain(v.Label) {
				link += fmt.Sprintf("&var-%s={{ $labels.%s | urlquery }}", v.Name, v.Label)
			}
		}
		out["dashboard_url"] = link
	}
	return out
}

func configuration(p *plan.Plan) *yaml.Node {
	e := p.Profile
	global := newObject()
	global.add("scrape_interval", duration(e.ScrapeInterval))
	global.add("evaluation_interval", duration(e.EvaluationInterval))
	if external := e.ExternalLabels(); len(external) > 0 {
		global.add("external_labels", labels(external))
	}
	root := newObject()
	root.add("global", global.Node)
	root.add("rule_files", list(text("rules/*.yaml")))
	if len(e.Alertmanagers) > 0 {
		targets := newObject()
		targets.add("targets", texts(e.Alertmanagers))
		manager := newObject()
		manager.add("static_configs", list(targets.Node))
		alerting := newObject()
		alerting.add("alertmanagers", list(manager.Node))
		root.add("alerting", alerting.Node)
	}
	root.add("scrape_configs", list(job(e.Job, e.Targets), job("prometheus", []string{"localhost:9090"})))
	return root.Node
}

func job(name string, targets []string) *yaml.Node {
	static := newObject()
	static.add("targets", texts(targets))
	o := newObject()
	o.add("job_name", text(name))
	o.add("static_configs", list(static.Node))
	return o.Node
}

// sentence ends a text with a full stop.
func sentence(s string) string { return strings.TrimSuffix(s, ".") + "." }

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
