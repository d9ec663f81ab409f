package source

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/internal/file"
)

// Document is what a file holds that can be checked.
type Document struct {
	File       *File
	Groups     []*RuleGroup
	Dashboards []*Dashboard
	// Exposition says that the file is what a server exposes: the Prometheus text format, or OpenMetrics.
	Exposition bool
	// Findings are the places at which the file cannot be read.
	Findings []diag.Finding
	// ConfigMaps are those of the file, whatever they hold.
	ConfigMaps []ConfigMap
	// Transcoded says that the file is in UTF-16: places of File are not those of its bytes, so that no edit fits them.
	Transcoded bool
	parts      int
	// Skipped is why the file was left alone; "" for none.
	Skipped string
	// Template is the language of a template that was left alone; "" for none.
	Template string
}

// ConfigMap is a ConfigMap or a Secret with the number of bytes that it holds.
type ConfigMap struct {
	Name Text
	Size int
}

// IsEmpty reports whether a file holds nothing that can be checked, and nothing is wrong with it.
func (d *Document) IsEmpty() bool {
	return d.parts == 0 && len(d.Dashboards) == 0 && len(d.Findings) == 0 && !d.Exposition
}

// TooLarge returns the document of a file that is too large to be read.
func TooLarge(name string) *Document {
	return &Document{File: NewFile(name, nil), Skipped: fmt.Sprintf("it is larger than %d MB", file.Largest>>20)}
}

// Read reads a file of whatever kind: its content says what it is. A file of another kind gives an empty document.
func Read(name string, data []byte) *Document {
	text := fromUTF16(data)
	transcoded := len(text) != len(data)
	if len(text) <= file.Largest {
		text = verbatim(text)
	}
	f := NewFile(name, text)
	d := &Document{File: f, Transcoded: transcoded}
	defer d.complete()
	switch {
	case len(data) > file.Largest:
		return TooLarge(name)
	case bytes.IndexByte(text, 0) >= 0:
		d.Skipped = "it is not text"
		return d
	}
	data = text
	trimmed := bytes.TrimLeft(data, " \t\r\n\ufeff")
	if len(trimmed) > 0 && (trimmed[0] == '{' || trimmed[0] == '[') && path.Ext(name) != ".yaml" && path.Ext(name) != ".yml" {
		v, err := parseJSON(f.Whole())
		if err != nil {
			if mayBeDashboard(data) && !d.template() {
				d.unreadable("syntax/json", err)
			}
			return d
		}
		d.first(f, v)
		return d
	}
	if !concerns(data) && (!perhaps.Match(data) || exposed.Match(data)) {
		d.Exposition = exposed.Match(data)
		return d
	}
	vs, err := parseYAML(f)
	if err != nil && d.template() {
		return d
	}
	if err != nil || helmOnly.Match(data) {
		if err == nil || helm.Match(data) {
			d.Skipped, d.Template = HelmTemplate, "Helm"
			d.Findings = append(d.Findings, unescaped(f)...)
			return d
		}
		if !concerns(data) {
			return d // something else than YAML, or nothing that is read here
		}
		d.unreadable("syntax/yaml", err)
	}
	d.documents(f, vs)
	return d
}

// HelmTemplate is why a template of a chart is left alone.
const HelmTemplate = "it is a Helm template: lint what helm template makes of it"

// fromUTF16 returns a text in UTF-8 of one that begins with the mark of UTF-16, as YAML's readers take it.
func fromUTF16(data []byte) []byte {
	var order binary.ByteOrder = binary.LittleEndian
	switch {
	case len(data) > file.Largest:
		return data
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		order = binary.BigEndian
	case !bytes.HasPrefix(data, []byte("\xff\xfe")):
		return data
	}
	units := make([]uint16, 0, len(data)/2)
	for i := 2; i+1 < len(data); i += 2 {
		units = append(units, order.Uint16(data[i:]))
	}
	return []byte(string(utf16.Decode(units)))
}

// documents takes the documents of a YAML file. Prometheus reads only the first one of a file of rules.
func (d *Document) documents(f *File, vs []*value) {
	for i, v := range vs {
		if i == 0 {
			d.first(f, v)
			continue
		}
		unread := v != nil && (isPlain(vs[0]) || (vs[0] == nil || vs[0].kind == null) && isPlain(v))
		if unread {
			d.Findings = append(d.Findings, diag.Finding{
				ID: "syntax/second-document", Severity: severities["syntax/second-document"], At: v.at().At(),
				Message: "Prometheus does not load this document: it reads only the first one of a file", Mend: "put the groups into one document, or each document into a file of its own",
			})
		}
		if !unread || !isPlain(v) {
			d.take(v)
		}
	}
}

// first takes the first document of a file, which Prometheus itself reads where it is one of rules.
func (d *Document) first(f *File, v *value) {
	if !isPlain(v) {
		d.take(v)
		return
	}
	if d.plain(v) {
		d.refused(f)
	}
}

// isPlain reports whether a document is a file of rules as Prometheus reads it.
func isPlain(v *value) bool {
	return v.get("kind") == nil && !isDashboard(v) && !isNewDashboard(v) && !isGrafanaRules(v) && meansRules(v)
}

// helmOnly is what Helm's templates have and Prometheus's do not. Some of them are YAML by chance.
var helmOnly = regexp.MustCompile(`\{\{-?[^{}]*(?:\.Values\.|\.Release\.|\.Chart\.|\binclude ")`)

// exposed are the lines that every exposition has.
var exposed = regexp.MustCompile(`(?m)^# (?:TYPE|HELP) [a-zA-Z_:"]\S* `)

// helm is a template that Helm fills in: outside of quotes, where Prometheus's own stand.
var helm = regexp.MustCompile(`(?m)^\s*\{\{|:\s*\{\{|\{\{-|-\}\}|\.Values\.`)

var (
	// helmLiteral is what Helm prints as it stands.
	helmLiteral = regexp.MustCompile("(?s)\\{\\{-?\\s*`.*?`\\s*-?\\}\\}")
	// placeholder is one of Prometheus's.
	placeholder  = regexp.MustCompile(`\{\{-?[^{}]*?(\$(?:labels|value|externalLabels)\b)`)
	helmVariable = regexp.MustCompile(`(\$(?:labels|value|externalLabels))\s*(?::=|=|,)`)
)

// unescaped returns Prometheus's placeholders in a chart's template, where Helm takes them for its own.
func unescaped(f *File) []diag.Finding {
	text := helmLiteral.ReplaceAllFunc(f.Data, func(b []byte) []byte { return bytes.Repeat([]byte(" "), len(b)) })
	own := map[string]bool{} // names that the template itself defines
	for _, m := range helmVariable.FindAllSubmatch(text, -1) {
		own[string(m[1])] = true
	}
	var out []diag.Finding
	for _, m := range placeholder.FindAllSubmatchIndex(text, -1) {
		name := string(text[m[2]:m[3]])
		if own[name] {
			continue
		}
		out = append(out, diag.Finding{
			ID: "syntax/helm-template", Severity: diag.Error, At: f.Position(m[2], m[3]), Message: "Helm takes " + name + " for a variable of its own, which it does not have",
			Mend: "write {{`{{ " + name + " … }}`}}",
		})
	}
	return out
}

// perhaps are fields of rules in whatever case and number: a file that has one, and is YAML, may be meant to be one of rules.
var perhaps = regexp.MustCompile(`(?mi)(?:^|[\s"'{,-])(?:rule_?)?(?:groups?|rules?|expr|alert|record)["']?\s*:`)

// concerns reports whether a file can hold what is read here, so that other YAML is not even parsed.
func concerns(data []byte) bool {
	for _, s := range []string{"expr:", "groups:", "\"panels\"", "panels:", "elements:", "groups\":", "PrometheusRule"} {
		if bytes.Contains(data, []byte(s)) {
			return true
		}
	}
	return false
}

func mayBeDashboard(data []byte) bool {
	return bytes.Contains(data, []byte(`"panels"`)) || bytes.Contains(data, []byte(`"schemaVersion"`)) || bytes.Contains(data, []byte(`"rows"`))
}

func (d *Document) unreadable(id string, err error) {
	f := diag.Finding{ID: id, Severity: diag.Error, At: diag.Position{File: d.File.Path}, Message: err.Error(), Mend: "mend the file so that it can be read"}
	var s *syntaxError
	if errors.As(err, &s) {
		f.At, f.Message = s.at.At(), s.why
	}
	d.Findings = append(d.Findings, f)
}

// take finds what can be checked in a document of a file.
func (d *Document) take(v *value) {
	if v == nil {
		return
	}
	switch kind := v.get("kind").str().Value; {
	case v.is(list):
		for _, x := range v.items {
			if x.is(object) && (x.get("kind") != nil || isDashboard(x) || x.get("dashboard") != nil) {
				d.take(x)
			}
		}
	case kind == "List" || strings.HasSuffix(kind, "List") && v.get("items").is(list):
		for _, x := range v.get("items").all() {
			d.take(x)
		}
	case meansManifest(v):
		d.manifest(v)
	case kind == "VMRule":
		groups := (&groupReader{d: d, of: ofOthers}).groups(v.get("spec", "groups"))
		ofVictoriaMetrics(groups)
		d.rules(groups)
	case kind == "ConfigMap" || kind == "Secret":
		size := 0
		for _, m := range v.get("data").fields() {
			size += len(m.value.str().Value)
			d.nested(m.value)
		}
		d.ConfigMaps = append(d.ConfigMaps, ConfigMap{v.get("metadata", "name").str(), size})
	case kind == "Dashboard" && isNewDashboard(v.get("spec")):
		d.Dashboards = append(d.Dashboards, newDashboard(d.File, v.get("metadata", "name").str(), v.get("spec")))
	case kind == "Dashboard" && v.get("spec", "panels").is(list):
		x := dashboard(d.File, v.get("spec"))
		if x.UID.IsZero() {
			x.UID = v.get("metadata", "name").str()
		}
		d.Dashboards = append(d.Dashboards, x)
	case kind == "GrafanaDashboard":
		d.nested(v.get("spec", "json"))
	case isNewDashboard(v):
		d.Dashboards = append(d.Dashboards, newDashboard(d.File, Text{}, v))
	case v.get("dashboard").is(object) && isDashboard(v.get("dashboard")):
		d.Dashboards = append(d.Dashboards, dashboard(d.File, v.get("dashboard")))
	case isDashboard(v):
		d.Dashboards = append(d.Dashboards, dashboard(d.File, v))
	case isGrafanaRules(v):
		d.rules(grafanaRules(d.File, v.get("groups")))
	case isRules(v):
		d.rules((&groupReader{d: d, of: ofOthers}).groups(v.get("groups")))
	case kind == "":
		d.search(v, 0)
	}
}

// rules takes the groups of one rule file, or of one manifest of several.
func (d *Document) rules(groups []*RuleGroup) {
	d.parts++
	for _, g := range groups {
		g.Part = d.parts
	}
	d.Groups = append(d.Groups, groups...)
}

// ofVictoriaMetrics says of rules that VictoriaMetrics evaluates them.
func ofVictoriaMetrics(groups []*RuleGroup) {
	for _, g := range groups {
		for _, r := range g.Rules {
			for _, q := range r.Queries {
				q.In(MetricsQL)
			}
		}
	}
}

// isRules reports whether a value is a file of rules: it has groups of rules.
func isRules(v *value) bool {
	return slices.ContainsFunc(v.get("groups").all(), func(g *value) bool {
		return slices.ContainsFunc(g.get("rules").all(), func(r *value) bool {
			return r.get("expr") != nil || r.get("alert") != nil || r.get("record") != nil
		})
	})
}

func isGrafanaRules(v *value) bool {
	return slices.ContainsFunc(v.get("groups").all(), func(g *value) bool {
		return slices.ContainsFunc(g.get("rules").all(), func(r *value) bool { return r.get("data").is(list) })
	})
}

// nested reads a document that is a text of another: a dashboard in a ConfigMap.
func (d *Document) nested(v *value) {
	t := v.str()
	s := strings.TrimLeft(t.Value, " \t\r\n")
	switch {
	case strings.HasPrefix(s, "{"):
		x, err := parseJSON(t)
		if err != nil {
			if mayBeDashboard([]byte(t.Value)) && Templated(t.Value) == "" {
				d.unreadable("syntax/json", err)
			}
			return
		}
		d.take(x)
	case concerns([]byte(t.Value)) && strings.Contains(s, "\n"):
		f := fileWithin(t)
		vs, err := parseYAML(f)
		if err != nil {
			if !helm.MatchString(t.Value) && Templated(t.Value) == "" {
				d.unreadable("syntax/yaml", err)
			}
			return
		}
		if len(vs) > 0 && (isPlain(vs[0]) || isGrafanaRules(vs[0])) {
			d.documents(f, vs)
		}
	}
}

// search looks for groups of rules and dashboards in a tree of another kind, such as a chart's values.
func (d *Document) search(v *value, depth int) {
	if depth > 12 || v == nil {
		return
	}
	for _, m := range v.fields() {
		switch x := m.value; {
		case x.is(object) && isDashboard(x):
			d.Dashboards = append(d.Dashboards, dashboard(d.File, x))
		case x.is(object) && isRules(x):
			d.rules((&groupReader{d: d}).groups(x.get("groups")))
		case x.is(object):
			d.search(x, depth+1)
		case x.is(text) && len(x.text.Value) > 80 && mayBeDashboard([]byte(x.text.Value)):
			d.nested(x)
		case x.is(list) && (m.key.Value == "additionalPrometheusRules" || m.key.Value == "groups"):
			if isRules(v) {
				continue
			}
			for _, item := range x.items {
				d.search(item, depth+1)
			}
		}
	}
}

// suggest names the known name that a misspelt one is near to, or all of them.
func suggest(name string, known map[string]bool) string {
	var names []string
	for k := range known {
		names = append(names, k)
	}
	slices.Sort(names)
	if near := diag.Nearest(name, names); near != "" {
		return "did you mean " + near + "?"
	}
	return "drop it"
}
