package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// most is how many values the documents of one file may have once aliases are followed, and mostAliased how many of them
// aliases may add: those that multiply are meant to exhaust their reader.
const (
	most        = 2_000_000
	mostAliased = 100_000
)

// parseYAML reads all documents of a text. A later one that cannot be read is an error, and those before it are
// returned.
func parseYAML(f *File) ([]*value, error) {
	r := yamlReader{file: f}
	return r.documents()
}

func (r *yamlReader) documents() ([]*value, error) {
	dec := yaml.NewDecoder(bytes.NewReader(r.file.Data))
	var out []*value
	for {
		var n yaml.Node
		err := dec.Decode(&n)
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, r.located(err)
		}
		if err := r.measure(&n); err != nil {
			return out, err
		}
		v, err := r.value(&n, 0)
		if err != nil {
			return out, err
		}
		out = append(out, v)
	}
}

type yamlReader struct {
	file  *File
	count int // of values

	visited int                // nodes that were measured
	aliased int                // values that aliases add to them
	sizes   map[*yaml.Node]int // of those with an anchor
	largest *yaml.Node         // the first alias that alone stands for too much
}

// measure returns an error where aliases stand for too many values. It visits each node once, however often it is meant.
func (r *yamlReader) measure(n *yaml.Node) error {
	r.sizes, r.largest = map[*yaml.Node]int{}, n
	before := r.visited
	if r.aliased += r.size(n) - (r.visited - before); r.aliased > mostAliased {
		return r.fail(r.largest, fmt.Sprintf("aliases stand for more than %d values; write them out", mostAliased))
	}
	return nil
}

// size returns how many values a node is once aliases are followed, or most where there are more.
func (r *yamlReader) size(n *yaml.Node) int {
	if n.Kind == yaml.AliasNode {
		r.visited++
		size, ok := r.sizes[n.Alias]
		if !ok {
			size = r.size(n.Alias)
		}
		if size > mostAliased && r.largest.Kind != yaml.AliasNode {
			r.largest = n
		}
		return size
	}
	if n.Anchor != "" {
		r.sizes[n] = 0 // of one that contains itself, value tells
	}
	r.visited++
	size := 1
	for _, c := range n.Content {
		size = min(most, size+r.size(c))
	}
	if n.Anchor != "" {
		r.sizes[n] = size
	}
	return size
}

var yamlLine = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?`)

func (r *yamlReader) located(err error) error {
	m := yamlLine.FindStringSubmatch(err.Error())
	line, _ := strconv.Atoi(m[1])
	at := r.file.offset(max(line, 1), 1)
	why := strings.TrimPrefix(err.Error(), m[0])
	return &syntaxError{r.file.Whole().slice(at, min(at+1, len(r.file.Data))), why}
}

func (r *yamlReader) fail(n *yaml.Node, why string) error {
	return &syntaxError{r.start(n), why}
}

func (r *yamlReader) start(n *yaml.Node) Text {
	at := r.file.offset(n.Line, n.Column)
	return Text{Value: string(r.file.Data[at:min(at+1, len(r.file.Data))]), file: r.file, spans: []span{{0, at}}}
}

func (r *yamlReader) value(n *yaml.Node, depth int) (*value, error) {
	if r.count++; r.count > most {
		return nil, r.fail(n, fmt.Sprintf("the file has more than %d values once its aliases are followed", most))
	}
	if depth > deepest {
		return nil, r.fail(n, fmt.Sprintf("more than %d levels", deepest))
	}
	switch n.Kind {
	case yaml.DocumentNode:
		if len(n.Content) == 0 {
			return nil, nil
		}
		return r.value(n.Content[0], depth)
	case yaml.AliasNode:
		v, err := r.value(n.Alias, depth+1)
		if v == nil || err != nil {
			return nil, err
		}
		alias := *v
		alias.start, alias.aliased = r.start(n), true
		return &alias, nil
	case yaml.SequenceNode:
		v := &value{kind: list, start: r.start(n)}
		for _, c := range n.Content {
			item, err := r.value(c, depth+1)
			if err != nil {
				return nil, err
			}
			v.items = append(v.items, item)
		}
		return v, nil
	case yaml.MappingNode:
		v := &value{kind: object, start: r.start(n)}
		var merges []member
		for i := 0; i+1 < len(n.Content); i += 2 {
			key, err := r.value(n.Content[i], depth+1)
			if err != nil {
				return nil, err
			}
			item, err := r.value(n.Content[i+1], depth+1)
			if err != nil {
				return nil, err
			}
			if n.Content[i].Tag == "!!merge" {
				merges = merged(item)
				continue
			}
			if !key.is(null) { // which yaml passes over
				v.members = append(v.members, member{key: key.str(), value: item})
			}
		}
		v.merge(merges)
		return v, nil
	case yaml.ScalarNode:
		k := text
		switch n.ShortTag() {
		case "!!null":
			k = null
		case "!!bool":
			k = boolean
		case "!!int", "!!float":
			k = number
		}
		return &value{kind: k, text: r.scalar(n), start: r.start(n), plain: n.Style&^yaml.TaggedStyle == 0}, nil
	}
	return nil, nil
}

// merged returns the members that a merge key brings, those that win first.
func merged(v *value) []member {
	if !v.is(list) {
		return v.fields()
	}
	var out []member
	for _, x := range v.items {
		out = append(out, x.fields()...)
	}
	return out
}

// merge adds members that a merge key brings: they overwrite nothing.
func (v *value) merge(brought []member) {
	if len(brought) == 0 {
		return
	}
	taken := map[string]bool{}
	for _, m := range v.members {
		taken[m.key.Value] = true
	}
	for _, m := range brought {
		if !taken[m.key.Value] {
			taken[m.key.Value] = true
			v.members = append(v.members, member{m.key, m.value, true})
		}
	}
}

// scalar finds where each byte of a scalar's value stands in the file, by walking through both at once.
func (r *yamlReader) scalar(n *yaml.Node) Text {
	raw := r.file.Data
	p := r.file.offset(n.Line, n.Column)
	for p < len(raw) && (raw[p] == '!' || raw[p] == '&') { // a tag or an anchor
		for p < len(raw) && raw[p] != ' ' && raw[p] != '\n' {
			p++
		}
		for p < len(raw) && raw[p] == ' ' {
			p++
		}
	}
	t := Text{Value: n.Value, file: r.file}
	quote := byte(0)
	switch {
	case p < len(raw) && n.Style&yaml.DoubleQuotedStyle != 0:
		quote, p = '"', p+1
	case p < len(raw) && n.Style&yaml.SingleQuotedStyle != 0:
		quote, p = '\'', p+1
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		for p < len(raw) && raw[p] != '\n' { // the indicator's own line
			p++
		}
		p++
	}
	expected := -1
	for i := 0; i < len(n.Value); {
		size := 1
		switch {
		case p >= len(raw):
			return t
		case quote == '"' && raw[p] == '\\':
			width := 2
			if p+1 < len(raw) {
				width += map[byte]int{'x': 2, 'u': 4, 'U': 8}[raw[p+1]]
				if raw[p+1] == '\n' || raw[p+1] == '\r' { // an escaped line break is nothing
					p += 2
					for p < len(raw) && (raw[p] == ' ' || raw[p] == '\t' || raw[p] == '\n') {
						p++
					}
					continue
				}
			}
			t.spans = append(t.spans, span{i, p})
			for size = 1; i+size < len(n.Value) && n.Value[i+size]&0xc0 == 0x80; size++ {
			}
			i, p, expected = i+size, p+width, -1
			continue
		case quote == '\'' && raw[p] == '\'':
			t.spans = append(t.spans, span{i, p})
			i, p, expected = i+1, p+2, -1
			continue
		case raw[p] == n.Value[i]:
		case n.Value[i] == ' ' && (raw[p] == '\n' || raw[p] == '\r'): // a folded line break
		case strings.IndexByte(" \t\r\n", raw[p]) >= 0: // indentation, and breaks that are folded away
			p++
			continue
		default: // not to be understood: the rest is at this place
			t.spans = append(t.spans, span{i, p})
			return t
		}
		if p != expected {
			t.spans = append(t.spans, span{i, p})
		}
		i, p = i+1, p+1
		expected = p
	}
	if len(t.spans) == 0 {
		t.spans = []span{{0, min(p, len(raw))}}
	}
	return t
}
