package source

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// kind is what a value of JSON or YAML is.
type kind uint8

const (
	null kind = iota
	boolean
	number
	text
	list
	object
)

// String returns what a value is, for messages: "a list".
func (k kind) String() string {
	return [...]string{"null", "a boolean", "a number", "a string", "a list", "a mapping"}[k]
}

// value is a value of a JSON or YAML document with its place. A nil value is absent and has nothing.
type value struct {
	kind    kind
	text    Text // of a scalar as it is written, of a string decoded
	items   []*value
	members []member
	start   Text // the first byte, for values that have no text; of an alias, its own place
	plain   bool // a scalar of YAML without quotes
	aliased bool // written elsewhere: what stands here is an alias
}

type member struct {
	key    Text
	value  *value
	merged bool // brought by a merge key
}

// get returns the member of an object, the last of several with one name, as readers of JSON do.
func (v *value) get(names ...string) *value {
	for _, name := range names {
		if v == nil {
			return nil
		}
		var found *value
		for _, m := range v.fields() {
			if m.key.Value == name {
				found = m.value
			}
		}
		v = found
	}
	return v
}

// str returns the text of a scalar, the zero Text of anything else.
func (v *value) str() Text {
	if v == nil || v.kind == null || v.kind == list || v.kind == object {
		return Text{}
	}
	return v.text
}

func (v *value) is(k kind) bool { return v != nil && v.kind == k }

func (v *value) boolean() bool { return v.is(boolean) && v.text.Value == "true" }

// num returns the number that a scalar is.
func (v *value) num() (float64, bool) {
	if !v.is(number) {
		return 0, false
	}
	x, err := strconv.ParseFloat(v.text.Value, 64)
	return x, err == nil
}

// all returns the items of a list.
func (v *value) all() []*value {
	if v == nil {
		return nil
	}
	return v.items
}

// fields returns the members of an object.
func (v *value) fields() []member {
	if v == nil {
		return nil
	}
	return v.members
}

// at returns the text whose place is the value's.
func (v *value) at() Text {
	if v == nil {
		return Text{}
	}
	if !v.text.IsZero() {
		return v.text
	}
	return v.start
}

// deepest is how many objects and lists may lie within each other.
const deepest = 10000

// parseJSON reads one JSON document of a text.
func parseJSON(t Text) (*value, error) {
	p := jsonParser{t: t, s: t.Value}
	p.space()
	v, err := p.value(0)
	if err == nil {
		p.space()
		if p.i < len(p.s) {
			err = p.fail("something follows the end of the document")
		}
	}
	if err != nil {
		return nil, err
	}
	return v, nil
}

type jsonParser struct {
	t Text
	s string
	i int
}

// syntaxError is a place at which a file cannot be read.
type syntaxError struct {
	at  Text
	why string
}

func (e *syntaxError) Error() string { return fmt.Sprintf("%s: %s", e.at.At(), e.why) }

func (p *jsonParser) fail(why string) error {
	i := min(p.i, max(len(p.s)-1, 0))
	return &syntaxError{p.t.slice(i, min(i+1, len(p.s))), why}
}

func (p *jsonParser) space() {
	for p.i < len(p.s) && strings.IndexByte(" \t\r\n", p.s[p.i]) >= 0 {
		p.i++
	}
	if p.i == 0 && strings.HasPrefix(p.s, "\ufeff") {
		p.i = len("\ufeff")
		p.space()
	}
}

func (p *jsonParser) value(depth int) (*value, error) {
	if p.i >= len(p.s) {
		return nil, p.fail("the document ends where a value is expected")
	}
	if depth > deepest {
		return nil, p.fail(fmt.Sprintf("more than %d levels", deepest))
	}
	start := p.i
	switch c := p.s[p.i]; {
	case c == '{':
		return p.object(depth)
	case c == '[':
		return p.list(depth)
	case c == '"':
		t, err := p.string()
		return &value{kind: text, text: t}, err
	case c == '-' || c >= '0' && c <= '9':
		for p.i < len(p.s) && strings.IndexByte("+-0123456789.eE", p.s[p.i]) >= 0 {
			p.i++
		}
		if _, err := strconv.ParseFloat(p.s[start:p.i], 64); err != nil && !strings.Contains(err.Error(), "range") {
			return nil, p.fail("this is no number")
		}
		return &value{kind: number, text: p.t.slice(start, p.i)}, nil
	}
	for word, k := range map[string]kind{"true": boolean, "false": boolean, "null": null} {
		if strings.HasPrefix(p.s[p.i:], word) {
			p.i += len(word)
			return &value{kind: k, text: p.t.slice(start, p.i)}, nil
		}
	}
	return nil, p.fail("no value begins like this")
}

func (p *jsonParser) list(depth int) (*value, error) {
	v := &value{kind: list, start: p.t.slice(p.i, p.i+1)}
	p.i++
	for {
		p.space()
		if p.i < len(p.s) && p.s[p.i] == ']' && len(v.items) == 0 {
			p.i++
			return v, nil
		}
		item, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		v.items = append(v.items, item)
		if done, err := p.next(']'); done || err != nil {
			return v, err
		}
	}
}

func (p *jsonParser) object(depth int) (*value, error) {
	v := &value{kind: object, start: p.t.slice(p.i, p.i+1)}
	p.i++
	for {
		p.space()
		if p.i < len(p.s) && p.s[p.i] == '}' && len(v.members) == 0 {
			p.i++
			return v, nil
		}
		if p.i >= len(p.s) || p.s[p.i] != '"' {
			return nil, p.fail("a name in quotes is expected")
		}
		key, err := p.string()
		if err != nil {
			return nil, err
		}
		p.space()
		if p.i >= len(p.s) || p.s[p.i] != ':' {
			return nil, p.fail("a colon is expected")
		}
		p.i++
		p.space()
		item, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		v.members = append(v.members, member{key: key, value: item})
		if done, err := p.next('}'); done || err != nil {
			return v, err
		}
	}
}

// next takes a comma, or the end of a list or object.
func (p *jsonParser) next(end byte) (done bool, err error) {
	p.space()
	switch {
	case p.i >= len(p.s):
		return false, p.fail(fmt.Sprintf("the document ends where %q is expected", end))
	case p.s[p.i] == ',':
		p.i++
		return false, nil
	case p.s[p.i] == end:
		p.i++
		return true, nil
	}
	return false, p.fail(fmt.Sprintf("a comma or %q is expected", end))
}

func (p *jsonParser) string() (Text, error) {
	p.i++
	out := Text{file: p.t.file, spans: []span{{0, p.t.offset(p.i)}}}
	end := strings.IndexAny(p.s[p.i:], "\"\\\n")
	if end >= 0 && p.s[p.i+end] == '"' { // nothing is escaped
		t := p.t.slice(p.i, p.i+end)
		p.i += end + 1
		return t, nil
	}
	var b strings.Builder
	for p.i < len(p.s) {
		switch c := p.s[p.i]; {
		case c == '"':
			p.i++
			out.Value = b.String()
			return out, nil
		case c == '\n':
			return Text{}, p.fail("the string does not end on its line")
		case c == '\\':
			out.spans = append(out.spans, span{b.Len(), p.t.offset(p.i)})
			r, size := unescape(p.s[p.i:])
			if size == 0 {
				return Text{}, p.fail("JSON has no such escape")
			}
			b.WriteRune(r)
			p.i += size
			out.spans = append(out.spans, span{b.Len(), p.t.offset(p.i)})
		default:
			b.WriteByte(c)
			p.i++
			// Within a text that was decoded itself, bytes need not follow each other in the file.
			if p.i < len(p.s) && p.t.offset(p.i) != p.t.offset(p.i-1)+1 {
				out.spans = append(out.spans, span{b.Len(), p.t.offset(p.i)})
			}
		}
	}
	return Text{}, p.fail("the string has no end")
}

// unescape returns the rune of the escape that a string begins with and its length, 0 where it is none.
func unescape(s string) (rune, int) {
	if len(s) < 2 {
		return 0, 0
	}
	if i := strings.IndexByte(`"\/bfnrt`, s[1]); i >= 0 {
		return rune("\"\\/\b\f\n\r\t"[i]), 2
	}
	code := func(s string) (rune, bool) {
		if len(s) < 6 || s[:2] != `\u` {
			return 0, false
		}
		n, err := strconv.ParseUint(s[2:6], 16, 32)
		return rune(n), err == nil
	}
	r, ok := code(s)
	if !ok {
		return 0, 0
	}
	if utf16.IsSurrogate(r) {
		if low, ok := code(s[6:]); ok && utf16.DecodeRune(r, low) != utf8.RuneError {
			return utf16.DecodeRune(r, low), 12
		}
		return utf8.RuneError, 6
	}
	return r, 6
}
