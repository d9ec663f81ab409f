// Package paths makes the paths of requests fit for a label: what tells one object from another becomes a placeholder, so
// that a route has one series and not one for each user.
package paths

import (
	"cmp"
	"strings"
	"unicode/utf8"

	"github.com/obsgen/obsgen/instrument/internal/table"
)

// Placeholder stands for a segment that tells objects apart.
const Placeholder = ":id"

// Normalizer turns paths into routes. The zero Normalizer has the usual settings and no bound. Its methods may be called
// from several goroutines.
type Normalizer struct {
	// Placeholder stands for an identifier; empty: Placeholder of the package.
	Placeholder string
	// Identifier reports further segments that are identifiers, beyond those that IsIdentifier knows.
	Identifier func(segment string) bool
	// Depth is how many segments are kept; what follows becomes "*". 0: all.
	Depth int
	// Most is how many different routes there may be; those that come later are Beyond. 0: no bound.
	Most int
	// Beyond is the route of those beyond the bound; empty: "other".
	Beyond string

	routes table.Set
}

// Path returns the route of a path. The query and the fragment are cut off, doubled and trailing slashes dropped,
// and identifiers replaced, and bytes that are not UTF-8 become U+FFFD. A path that is its own route is returned as it is, without an allocation.
func (n *Normalizer) Path(path string) string {
	return n.bound(n.route(path))
}

// Template returns the route of a router's template, in the one form that all routers' templates get: {id}, {id:[0-9]+},
// :id and <id> become the placeholder with the parameter's name, {rest...} and *rest become "*". The method before a
// pattern of net/http is dropped, as is its host. An empty template is no route: the path is looked at in its place.
func (n *Normalizer) Template(template, path string) string {
	if template == "" {
		return n.Path(path)
	}
	return n.bound(templateRoute(template))
}

func (n *Normalizer) route(path string) string {
	if i := strings.IndexAny(path, "?#"); i >= 0 {
		path = path[:i]
	}
	if path == "" {
		return "/"
	}
	placeholder := n.Placeholder
	if placeholder == "" {
		placeholder = Placeholder
	}
	// Nothing is built until something has to change: out then holds the route of what lies before from.
	var out []byte
	changed := false
	change := func(to int) {
		if !changed {
			changed = true
			out = append(make([]byte, 0, len(path)+8), path[:to]...)
		}
	}
	start, segments := 0, 0
	if path[0] != '/' {
		change(0)
	}
	for start <= len(path) {
		end := len(path)
		if i := strings.IndexByte(path[start:], '/'); i >= 0 {
			end = start + i
		}
		segment := path[start:end]
		switch {
		case segment == "": // the leading slash, a doubled one or a trailing one
			if start > 0 {
				change(start - 1)
			}
		case n.Depth > 0 && segments == n.Depth:
			change(max(start-1, 0))
			if string(out) != "" && strings.HasSuffix(string(out), "/*") {
				return string(out)
			}
			return string(append(out, "/*"...))
		default:
			segments++
			if segment != placeholder && (IsIdentifier(segment) || n.Identifier != nil && n.Identifier(segment)) {
				change(max(start-1, 0))
				out = append(append(out, '/'), placeholder...)
			} else if changed {
				out = append(append(out, '/'), segment...)
			}
		}
		start = end + 1
	}
	if !changed {
		return path
	}
	if len(out) == 0 {
		return "/"
	}
	return string(out)
}

// bound keeps the number of different routes, and each of them fit for a label, which has to be UTF-8.
func (n *Normalizer) bound(route string) string {
	if !utf8.ValidString(route) {
		route = strings.ToValidUTF8(route, string(utf8.RuneError))
	}
	if n.Most <= 0 {
		return route
	}
	if _, ok := n.routes.Take(route, n.Most); !ok {
		return cmp.Or(n.Beyond, "other")
	}
	return route
}

// IsIdentifier reports whether a segment of a path tells one object from another: a whole number, a UUID, a ULID,
// hexadecimal digits of 9 and more with a decimal digit among them, a date, an e-mail address, or a token such as a JWT
// or base64 of 20 characters and more. Words are none, whatever letters they have: decade, facade, v1.
func IsIdentifier(s string) bool {
	switch {
	case s == "":
		return false
	case number(s), uuid(s), date(s), email(s), ulid(s):
		return true
	}
	return hexadecimal(s) || token(s)
}

func number(s string) bool {
	if (s[0] == '-' || s[0] == '+') && len(s) > 1 {
		s = s[1:]
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

func hexDigit(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// uuid reports 8-4-4-4-12 hexadecimal digits, as RFC 9562 has them, also within braces.
func uuid(s string) bool {
	if len(s) == 38 && s[0] == '{' && s[37] == '}' {
		s = s[1:37]
	}
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if s[i] != '-' {
				return false
			}
		} else if !hexDigit(s[i]) {
			return false
		}
	}
	return true
}

// ulid reports 26 characters of Crockford's base 32, the first at most 7, see https://github.com/ulid/spec. All letters
// are in one case, and a digit is among them, so that a long word is none.
func ulid(s string) bool {
	if len(s) != 26 || s[0] < '0' || s[0] > '7' {
		return false
	}
	upper, lower := false, false
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= '0' && c <= '9':
		case c >= 'A' && c <= 'Z':
			upper = true
		case c >= 'a' && c <= 'z':
			lower = true
			c -= 'a' - 'A'
		default:
			return false
		}
		if c == 'I' || c == 'L' || c == 'O' || c == 'U' {
			return false
		}
	}
	return upper != lower
}

func hexadecimal(s string) bool {
	if len(s) > 2 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X') {
		s = s[2:]
	}
	if len(s) < 9 {
		return false
	}
	digit := false
	for i := range len(s) {
		if !hexDigit(s[i]) {
			return false
		}
		digit = digit || s[i] <= '9'
	}
	return digit
}

// date reports 2006-01-02, with a time behind it or not.
func date(s string) bool {
	if len(s) < 10 || s[4] != '-' || s[7] != '-' || len(s) > 10 && s[10] != 'T' && s[10] != 't' {
		return false
	}
	for _, i := range [...]int{0, 1, 2, 3, 5, 6, 8, 9} {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return (s[5]-'0')*10+s[6]-'0' <= 12 && (s[8]-'0')*10+s[9]-'0' <= 31
}

func email(s string) bool {
	at := strings.IndexByte(s, '@')
	if at < 0 {
		at = strings.Index(s, "%40")
	}
	return at > 0 && strings.LastIndexByte(s, '.') > at+1 && s[len(s)-1] != '.'
}

// token reports a text that no person has written: 20 characters and more of base 64 with upper and lower case letters
// and digits, or the three parts of a JWT.
func token(s string) bool {
	if len(s) < 20 {
		return false
	}
	upper, lower, digits, changes := false, false, 0, 0
	last := byte(0)
	for i := range len(s) {
		c := s[i]
		kind := byte(0)
		switch {
		case c >= 'A' && c <= 'Z':
			upper, kind = true, 'A'
		case c >= 'a' && c <= 'z':
			lower, kind = true, 'a'
		case c >= '0' && c <= '9':
			digits++
			kind = '0'
		case c == '-' || c == '_' || c == '=' || c == '+' || c == '.' || c == '~':
			kind = '-'
		default:
			return false
		}
		if kind != last && kind != '-' && last != '-' && !(last == 'A' && kind == 'a') {
			changes++
		}
		last = kind
	}
	// In words the case changes at their beginnings only; in a token at every second or third character.
	return upper && lower && digits > 0 && changes*7 >= len(s)*2
}

// templateRoute returns a router's template in the form of this package.
func templateRoute(t string) string {
	if i := strings.IndexByte(t, ' '); i >= 0 && !strings.Contains(t[:i], "/") { // GET /users/{id}
		t = strings.TrimLeft(t[i+1:], " ")
	}
	if i := strings.IndexByte(t, '/'); i > 0 { // example.org/users
		t = t[i:]
	}
	plain := true
	for i := range len(t) {
		if c := t[i]; c == '{' || c == '<' || c == '*' || c == '$' || c == '/' && i+1 < len(t) && t[i+1] == '/' {
			plain = false
		}
	}
	if plain && (len(t) < 2 || t[len(t)-1] != '/') {
		if t == "" {
			return "/"
		}
		return t
	}
	var out []byte
	for rest := t; rest != ""; {
		segment := rest
		if depth := 0; true { // a slash within braces is one of a regular expression
			end := len(rest)
			for i := 1; i < len(rest); i++ {
				if rest[i] == '{' {
					depth++
				} else if rest[i] == '}' {
					depth--
				} else if rest[i] == '/' && depth <= 0 {
					end = i
					break
				}
			}
			segment, rest = rest[:end], rest[end:]
		}
		segment = strings.Trim(segment, "/")
		switch {
		case segment == "" || segment == "{$}":
		case segment[0] == '*' || strings.HasSuffix(segment, "...}") || segment == "{*}" || strings.HasPrefix(segment, "{*"):
			return string(append(out, "/*"...))
		default:
			out = append(append(out, '/'), parameters(segment)...)
		}
	}
	if len(out) == 0 {
		return "/"
	}
	return string(out)
}

// parameters writes the parameters of a segment as :name.
func parameters(s string) string {
	if len(s) < 2 {
		return s
	}
	var out []byte
	for i := 0; i < len(s); i++ {
		closing := byte(0)
		switch s[i] {
		case '{':
			closing = '}'
		case '<':
			closing = '>'
		}
		end := -1
		if closing != 0 {
			depth := 0
			for j := i; j < len(s); j++ {
				if s[j] == s[i] {
					depth++
				} else if s[j] == closing {
					if depth--; depth == 0 {
						end = j
						break
					}
				}
			}
		}
		if end < 0 {
			out = append(out, s[i])
			continue
		}
		name := s[i+1 : end]
		if j := strings.IndexByte(name, ':'); j >= 0 {
			if closing == '>' { // <int:id>
				name = name[j+1:]
			} else { // {id:[0-9]+}
				name = name[:j]
			}
		}
		out = append(append(out, ':'), name...)
		i = end
	}
	return string(out)
}
