package dashcheck

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// reference is a variable in a text: $x, ${x}, ${x:format}, ${x.path} or [[x]].
var reference = regexp.MustCompile(`\$([a-zA-Z_]\w*)|\$\{([a-zA-Z_]\w*)(?:[.:][^}]*)?\}|\[\[([a-zA-Z_]\w*)(?::\w+)?\]\]`)

// builtIn are Grafana's own variables.
var builtIn = map[string]bool{
	"__all_variables": true, "__dashboard": true, "__data": true, "__field": true, "__from": true, "__interval": true,
	"__interval_ms": true, "__org": true, "__range": true, "__range_ms": true, "__range_s": true, "__rate_interval": true,
	"__series": true, "__to": true, "__url_time_range": true, "__user": true, "__value": true,
}

// ofSeries are those that only have a value where a series was clicked.
var ofSeries = []string{"__data", "__field", "__series", "__value"}

// named returns the variables in a text.
func named(text string) []string {
	var out []string
	for _, m := range reference.FindAllStringSubmatch(text, -1) {
		out = append(out, m[1]+m[2]+m[3])
	}
	return out
}

// references checks that variables are defined and used, and that links lead somewhere.
func (c *checker) references(b *board, raw []byte) {
	defined := map[string]bool{}
	for _, v := range b.Templating.List {
		if defined[v.Name] {
			c.report("variable %s is defined twice", v.Name)
		}
		defined[v.Name] = true
	}
	used := map[string]bool{}
	for _, text := range texts(raw) {
		for _, name := range named(text) {
			used[name] = true
			if !defined[name] && !builtIn[name] {
				c.report("variable %s is used and not defined: %s", name, text)
			}
		}
	}
	for i := range b.Panels {
		if v := b.Panels[i].Repeat; v != "" {
			used[v] = true
			if !defined[v] {
				c.report("%s repeats by %s, which is no variable", b.Panels[i].name(), v)
			}
		}
	}
	for _, v := range b.Templating.List {
		if !used[v.Name] && v.Type != "adhoc" { // Grafana applies those by itself
			c.report("variable %s is defined and not used", v.Name)
		}
	}
	c.links(b)
}

// texts returns all texts of a dashboard in which Grafana replaces variables, in order.
func texts(raw []byte) []string {
	var all map[string]any
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil
	}
	var out []string
	var walk func(x any)
	walk = func(x any) {
		switch x := x.(type) {
		case string:
			out = append(out, x)
		case []any:
			for _, e := range x {
				walk(e)
			}
		case map[string]any:
			for _, k := range slices.Sorted(maps.Keys(x)) {
				walk(x[k])
			}
		}
	}
	for _, k := range slices.Sorted(maps.Keys(all)) {
		if k != "templating" {
			walk(all[k])
		}
	}
	templating, _ := all["templating"].(map[string]any)
	list, _ := templating["list"].([]any)
	for _, v := range list {
		if v, ok := v.(map[string]any); ok { // not current and options: their $__all is no variable
			walk(v["datasource"])
			walk(v["query"])
			walk(v["regex"])
		}
	}
	return out
}

// links follows the links of a dashboard.
func (c *checker) links(b *board) {
	for _, l := range b.Links {
		c.link(b, "the dashboard", l, false)
	}
	for _, p := range b.panels() {
		for _, l := range p.Links {
			c.link(b, p.name(), l, false)
		}
		for _, l := range p.FieldConfig.Defaults.Links {
			c.link(b, p.name(), l, true)
		}
		for _, o := range p.FieldConfig.Overrides {
			for _, x := range o.Properties {
				if x.ID != "links" {
					continue
				}
				var ls []link
				if err := json.Unmarshal(x.Value, &ls); err != nil {
					c.report("%s has links that are none: %v", p.name(), err)
				}
				for _, l := range ls {
					c.link(b, p.name(), l, true)
				}
			}
		}
	}
}

var (
	dashboardLink = regexp.MustCompile(`^/d/([^/?]+)(?:/[^?]*)?(?:\?(.*))?$`)
	queryParam    = regexp.MustCompile(`^\$\{(\w+):queryparam\}$`)
)

// link checks one link; atSeries says that it opens where a series was clicked.
func (c *checker) link(b *board, what string, l link, atSeries bool) {
	if l.Title == "" || l.URL == "" {
		c.report("%s has a link without title or address", what)
		return
	}
	for _, name := range named(l.URL) {
		if !atSeries && slices.Contains(ofSeries, name) {
			c.report("%s has the link %q, which asks for %s where no series is clicked", what, l.Title, name)
		}
	}
	m := dashboardLink.FindStringSubmatch(l.URL)
	if m == nil {
		if strings.HasPrefix(l.URL, "/") {
			c.report("%s has the link %q to %s, which is no dashboard", what, l.Title, l.URL)
		}
		return
	}
	to, ok := c.boards[m[1]]
	if !ok {
		c.report("%s has the link %q to the dashboard %s, which is not there", what, l.Title, m[1])
		return
	}
	if m[2] == "" {
		return
	}
	for param := range strings.SplitSeq(m[2], "&") {
		key, value, _ := strings.Cut(param, "=")
		name, sets := strings.CutPrefix(key, "var-")
		if carried := queryParam.FindStringSubmatch(param); carried != nil {
			name, sets = carried[1], true
		}
		switch {
		case sets && !to.defines(name):
			c.report("%s has the link %q, which sets the variable %s that %s has not", what, l.Title, name, to.UID)
		case key == "viewPanel" && !to.hasPanel(value):
			c.report("%s has the link %q to the panel %s, which %s has not", what, l.Title, value, to.UID)
		}
	}
}

func (b *board) defines(name string) bool {
	return slices.ContainsFunc(b.Templating.List, func(v variable) bool { return v.Name == name })
}

func (b *board) hasPanel(id string) bool {
	return slices.ContainsFunc(b.panels(), func(p *panel) bool { return strconv.Itoa(p.ID) == id })
}
