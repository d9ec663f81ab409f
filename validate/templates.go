package validate

import (
	"regexp"
	"strings"
	"text/template/parse"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/infer"
	"github.com/obsgen/obsgen/source"
	"github.com/obsgen/obsgen/unit"
	"github.com/obsgen/obsgen/validate/expand"
)

var wrongVerb = regexp.MustCompile(`%[-+# 0]*[0-9]*(?:\.[0-9]+)?[dscxqt]`)

// valueUnit returns the unit of an alert's value.
func valueUnit(q *Query) unit.Unit { return q.Root().Unit }

// misprinted says how a use of the value does not fit its unit, "" where it does or the unit is not known.
func misprinted(u unit.Unit, v valueUse) (why, mend string) {
	if !u.IsKnown() || u.IsLiteral() {
		return "", ""
	}
	switch v.function {
	case "humanizePercentage":
		if u.IsShare() && u.Scale() != 1 {
			return "humanizePercentage of a percentage prints it a hundredfold", "use humanize, and % after it"
		}
		if !u.IsShare() && (u.IsDuration() || u.IsBytes() || u.IsPoint()) {
			return "humanizePercentage prints this value as a share, which it is not", "use the format of its unit"
		}
	case "humanizeDuration":
		if u.IsDuration() && u.Scale() != 1 {
			return "humanizeDuration takes seconds", "divide by the factor first"
		}
		if u.IsShare() || u.IsBytes() || u.IsPoint() {
			return "humanizeDuration prints this value as a time passed, which it is not", "use the format of its unit"
		}
	case "humanize1024":
		if u.IsShare() || u.IsDuration() {
			return "humanize1024 is for bytes", "use humanize"
		}
	case "", "printf", "humanize":
		if u.IsShare() && u.Scale() == 1 && strings.HasPrefix(strings.TrimLeft(v.after, " "), "%") && !v.scaled {
			return "a ratio is printed with a percent sign: 0.07 reads 0.07%", "use humanizePercentage, which multiplies by 100"
		}
	}
	return "", ""
}

// visible returns the labels of a type that a text can print.
func visible(t infer.Type) []string {
	var out []string
	for _, n := range t.Labels.Names() {
		if n != "__name__" && !replaced.MatchString(n) {
			out = append(out, n)
		}
	}
	return out
}

// template is a text with Prometheus's templates in it.
type template struct {
	text   source.Text
	trees  map[string]*parse.Tree
	fault  string
	labels []labelUse
	values []valueUse
}

type labelUse struct {
	name     string
	from, to int
}

// valueUse is a use of the alert's value.
type valueUse struct {
	function string // that formats it, "" for none
	printf   string // its format
	after    string // the text that follows
	scaled   bool   // it is computed with first
	from, to int
}

func (t *template) at(from, to int) diag.Position { return t.text.Position(from, to) }

// eachTemplate looks at the annotations and labels of alerting rules.
func eachTemplate(f func(*Rule, *template, Report)) func(*Rule, Report) {
	return func(r *Rule, report Report) {
		if !r.IsAlert() || r.Group.Grafana {
			return
		}
		if r.templates == nil {
			r.templates = []*template{}
			for _, ps := range [][]source.Pair{r.Annotations, r.Labels} {
				for _, p := range ps {
					if strings.Contains(p.Value.Value, "{{") && source.Templated(p.Value.Value) == "" {
						r.templates = append(r.templates, parseTemplate(p.Value))
					}
				}
			}
		}
		for _, t := range r.templates {
			f(r, t, report)
		}
	}
}

// before is what Prometheus puts before every template.
const before = "{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}{{$externalURL := .ExternalURL}}{{$value := .Value}}"

func parseTemplate(text source.Text) *template {
	t := &template{text: text}
	trees, err := parse.Parse("text", before+text.Value, "", "", expand.Functions)
	if err != nil {
		t.fault = strings.TrimPrefix(regexp.MustCompile(`^template: text:\d+: `).ReplaceAllString(err.Error(), ""), " ")
		return t
	}
	t.trees = trees
	root := trees["text"]
	if root == nil || root.Root == nil {
		return t
	}
	t.list(root.Root)
	return t
}

func (t *template) list(l *parse.ListNode) {
	if l == nil {
		return
	}
	for i, n := range l.Nodes {
		after := ""
		if i+1 < len(l.Nodes) {
			if x, ok := l.Nodes[i+1].(*parse.TextNode); ok {
				after = string(x.Text)
			}
		}
		switch x := n.(type) {
		case *parse.ActionNode:
			if int(x.Position()) >= len(before) {
				t.pipe(x.Pipe, after)
			}
		case *parse.IfNode:
			t.pipe(x.Pipe, "")
			t.list(x.List)
			t.list(x.ElseList)
		case *parse.RangeNode:
			t.pipe(x.Pipe, "")
			t.inner(x.List)
			t.list(x.ElseList)
		case *parse.WithNode:
			t.pipe(x.Pipe, "")
			t.inner(x.List)
			t.list(x.ElseList)
		}
	}
}

// inner is the body of range and with, in which the dot is something else: its labels are not the alert's.
func (t *template) inner(l *parse.ListNode) {
	labels, values := len(t.labels), len(t.values)
	t.list(l)
	var kept []labelUse
	for _, u := range t.labels[labels:] {
		if u.from >= 0 && strings.HasPrefix(t.text.Value[min(u.from, len(t.text.Value)):], "$") {
			kept = append(kept, u)
		}
	}
	t.labels = append(t.labels[:labels], kept...)
	_ = values
}

func (t *template) pipe(p *parse.PipeNode, after string) {
	if p == nil {
		return
	}
	var use *valueUse
	for i, c := range p.Cmds {
		name := ""
		if id, ok := c.Args[0].(*parse.IdentifierNode); ok {
			name = id.Ident
		}
		format := ""
		for _, a := range c.Args {
			switch x := a.(type) {
			case *parse.StringNode:
				format = x.Text
			case *parse.VariableNode:
				t.label(x.Ident, "$labels", x)
				if x.Ident[0] == "$value" {
					use = t.value(x, name, format, after)
				}
			case *parse.FieldNode:
				t.label(append([]string{"."}, x.Ident...), "Labels", x)
				if len(x.Ident) == 1 && x.Ident[0] == "Value" {
					use = t.value(x, name, format, after)
				}
			case *parse.PipeNode:
				scaled := len(t.values)
				t.pipe(x, "")
				for j := scaled; j < len(t.values); j++ {
					t.values[j].scaled = true
				}
			case *parse.ChainNode:
				if inner, ok := x.Node.(*parse.PipeNode); ok {
					t.pipe(inner, "")
				}
			}
		}
		if i > 0 && use != nil && name != "" && use.function == "" {
			use.function, use.printf = name, ""
			if name == "printf" {
				use.printf = format
			}
		}
	}
	if use != nil {
		t.values = append(t.values, *use)
	}
}

func (t *template) value(n parse.Node, function, format, after string) *valueUse {
	from := int(n.Position()) - len(before)
	u := &valueUse{function: function, after: after, from: from, to: from + len(n.String())}
	if function == "printf" {
		u.printf = format
	}
	return u
}

func (t *template) label(ident []string, root string, n parse.Node) {
	i := 0
	if root == "Labels" {
		i = 1
	}
	if len(ident) != i+2 || ident[i] != root {
		return
	}
	from, to := t.span(n)
	t.labels = append(t.labels, labelUse{ident[i+1], from, to})
}

// span returns where a node stands in the text. The position of a chain of names is that of its first or of its last, as
// the parser has it.
func (t *template) span(n parse.Node) (from, to int) {
	from = int(n.Position()) - len(before)
	text := n.String()
	if at := strings.LastIndex(t.text.Value[:max(0, min(len(t.text.Value), from+len(text)))], text); at >= 0 {
		from = at
	}
	return from, from + len(text)
}
