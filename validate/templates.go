package validate

import (
	"fmt"
	"regexp"
	"strings"
	"text/template/parse"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/infer"
	"github.com/obsgen/obsgen/source"
	"github.com/obsgen/obsgen/unit"
)

// templateChecks look at the texts of alerts.
var templateChecks = []*Check{
	{
		ID: "template/syntax", Severity: diag.Error, Title: "A template that does not parse",
		Why:     "Prometheus refuses the file, or sends the error in the place of the text.",
		Source:  "https://prometheus.io/docs/prometheus/latest/configuration/template_reference/",
		Example: Example{Alert, "alert: A\nexpr: up == 0\nfor: 5m\nannotations:\n  summary: '{{ $label.instance }} is down'", "alert: A\nexpr: up == 0\nfor: 5m\nannotations:\n  summary: '{{ $labels.instance }} is down'"},
		Rule: eachTemplate(func(r *Rule, t *template, report Report) {
			if t.fault != "" {
				report.at(t.text.At(), "the template does not parse: "+t.fault, "mend it")
			}
		}),
	},
	{
		ID: "template/label", Severity: diag.Error, Title: "A label that the alert does not have",
		Why:     "The text prints nothing in its place: the expression drops the label before the alert sees it.",
		Source:  "https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/#templating",
		Example: Example{Alert, "alert: A\nexpr: sum by (job) (up) == 0\nfor: 5m\nannotations:\n  summary: '{{ $labels.instance }} is down'", "alert: A\nexpr: sum by (job) (up) == 0\nfor: 5m\nannotations:\n  summary: '{{ $labels.job }} is down'"},
		Rule: eachTemplate(func(r *Rule, t *template, report Report) {
			q := r.query()
			if q == nil {
				return
			}
			root := q.Root()
			for _, u := range t.labels {
				if root.Labels.Has(u.name) || u.name == "" {
					continue
				}
				has := "it has no labels"
				if names := visible(root); len(names) > 0 {
					has = "it has " + strings.Join(names, ", ")
				}
				if _, own := r.Label(u.name); own {
					report(diag.Finding{ID: "alert/self-label", At: t.at(u.from, u.to), Message: fmt.Sprintf("$labels.%s is empty: $labels has the labels of the expression's result, not those that the rule adds", u.name), Why: has, Mend: "write the value, or keep the label in the expression"})
					continue
				}
				report.because(t.at(u.from, u.to), fmt.Sprintf("the result of the expression has no label %s", u.name), has, "keep the label in the expression, or leave it out of the text")
			}
		}),
	},
	{
		ID: "alert/self-label", Severity: diag.Error, Title: "A label of the rule in its own text",
		Why:     "$labels holds the labels of the query's result. Labels that the rule adds, severity among them, are not there yet.",
		Source:  "https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/#templating",
		Example: Example{Alert, "alert: A\nexpr: sum by (job) (up) == 0\nfor: 5m\nlabels:\n  severity: page\nannotations:\n  summary: '{{ $labels.severity }}'", "alert: A\nexpr: sum by (job) (up) == 0\nfor: 5m\nlabels:\n  severity: page\nannotations:\n  summary: '{{ $labels.job }}'"},
	},
	{
		ID: "template/value-in-label", Severity: diag.Error, Title: "A value in a label",
		Why:     "Labels are the alert's identity. With the value in one every change of it is a new alert, which waits again and is sent again.",
		Source:  "https://www.robustperception.io/dont-put-the-value-in-alert-labels/",
		Example: Example{Alert, "alert: A\nexpr: app_queue_length > 10\nfor: 5m\nlabels:\n  depth: '{{ $value }}'", "alert: A\nexpr: app_queue_length > 10\nfor: 5m\nannotations:\n  depth: '{{ $value }}'"},
		Rule: func(r *Rule, report Report) {
			if !r.IsAlert() || r.Group.Grafana {
				return
			}
			for _, l := range r.Labels {
				t := parseTemplate(l.Value)
				if len(t.values) > 0 {
					report.at(l.Value.At(), "the label "+l.Key.Value+" changes with the value, and the alert's identity with it", "put the value into an annotation")
				}
			}
		},
	},
	{
		ID: "template/printf-verb", Severity: diag.Error, Title: "A verb that does not fit a value",
		Why:     "A value is a floating-point number: %d and %s print it as an error message.",
		Source:  "https://pkg.go.dev/fmt#hdr-Printing",
		Example: Example{Alert, "alert: A\nexpr: app_queue_length > 10\nfor: 5m\nannotations:\n  summary: '{{ printf \"%d\" $value }} wait'", "alert: A\nexpr: app_queue_length > 10\nfor: 5m\nannotations:\n  summary: '{{ printf \"%.0f\" $value }} wait'"},
		Rule: eachTemplate(func(r *Rule, t *template, report Report) {
			for _, v := range t.values {
				if v.printf != "" && wrongVerb.MatchString(v.printf) {
					report.at(t.at(v.from, v.to), fmt.Sprintf("printf %q of a value prints an error: it is a floating-point number", v.printf), "use %.0f, %.2f or humanize")
				}
			}
		}),
	},
	{
		ID: "template/unit-format", Severity: diag.Error, Title: "A value printed in another unit",
		Why:     "humanizePercentage multiplies by 100: 7 percent reads 700%. humanizeDuration takes seconds. Whoever is woken reads the wrong number.",
		Source:  "https://prometheus.io/docs/prometheus/latest/configuration/template_reference/#numbers",
		Example: Example{Alert, "alert: A\nexpr: app_cpu_percent > 80\nfor: 5m\nannotations:\n  summary: 'CPU at {{ $value | humanizePercentage }}'", "alert: A\nexpr: app_cpu_percent > 80\nfor: 5m\nannotations:\n  summary: 'CPU at {{ $value | humanize }}%'"},
		Rule: eachTemplate(func(r *Rule, t *template, report Report) {
			q := r.query()
			if q == nil {
				return
			}
			u := valueUnit(q)
			for _, v := range t.values {
				if why, mend := misprinted(u, v); why != "" {
					report.because(t.at(v.from, v.to), why, "the value is in "+u.String(), mend)
				}
			}
		}),
	},
}

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
		for _, p := range append(append([]source.Pair{}, r.Annotations...), r.Labels...) {
			if strings.Contains(p.Value.Value, "{{") {
				f(r, parseTemplate(p.Value), report)
			}
		}
	}
}

// before is what Prometheus puts before every template.
const before = "{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}{{$externalURL := .ExternalURL}}{{$value := .Value}}"

// functions are those that templates have; only their names matter here.
var functions = func() map[string]any {
	out := map[string]any{}
	for _, name := range strings.Fields("query first label value strvalue args reReplaceAll safeHtml match title toUpper toLower graphLink tableLink sortByLabel stripPort stripDomain " +
		"humanize humanize1024 humanizeDuration humanizePercentage humanizeTimestamp toTime toDuration now pathPrefix externalURL parseDuration urlQueryEscape tmpl " +
		"and or not len index slice print printf println html js urlquery eq ne lt le gt ge call join trimSpace stringSlice") {
		out[name] = struct{}{}
	}
	return out
}()

func parseTemplate(text source.Text) *template {
	t := &template{text: text}
	trees, err := parse.Parse("text", before+text.Value, "", "", functions)
	if err != nil {
		t.fault = strings.TrimPrefix(regexp.MustCompile(`^template: text:\d+: `).ReplaceAllString(err.Error(), ""), " ")
		return t
	}
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
	from := int(n.Position()) - len(before)
	// The position of a chain of names is that of its first or of its last, as the parser has it.
	text := n.String()
	if at := strings.LastIndex(t.text.Value[:max(0, min(len(t.text.Value), from+len(text)))], text); at >= 0 {
		from = at
	}
	t.labels = append(t.labels, labelUse{ident[i+1], from, from + len(text)})
}
