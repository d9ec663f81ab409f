package source

import (
	"fmt"
	"regexp"
	"strings"
)

// reference is a variable or macro: $job, ${job}, ${job:regex}, [[job]] or [[job:regex]].
var reference = regexp.MustCompile(`^(?:\$(\w+)|\$\{(\w+)(?:[.:]([^}]*))?\}|\[\[(\w+)(?::([^\]]*))?\]\])`)

// referenceAt returns the variable that a text begins with.
func referenceAt(s string) (name, format string, size int) {
	if s == "" || s[0] != '$' && s[0] != '[' {
		return "", "", 0
	}
	m := reference.FindStringSubmatch(s)
	if m == nil {
		return "", "", 0
	}
	for i, at := range []int{1, 2, 4} {
		if m[at] != "" {
			return m[at], []string{"", m[3], m[5]}[i], len(m[0])
		}
	}
	return "", "", 0
}

// References returns the names of the variables that a text of a dashboard uses: a title, a link, a variable's query.
func References(s string) []string {
	var out []string
	for i := 0; i < len(s); i++ {
		if name, _, size := referenceAt(s[i:]); size > 0 {
			out = append(out, name)
			i += size - 1
		}
	}
	return out
}

// substitution replaces the variables of a query by what parses where they stand.
type substitution struct {
	text    string
	numbers bool // what could be a name or a number is a number

	out   strings.Builder
	i     int
	uses  []VariableUse
	parts []part
	opens []open
	// word is the last word before here, prev the last byte that is no blank.
	word string
	prev byte
	// ended says that an operand ends here: an operator may follow, another operand may not.
	ended bool
}

// open is a bracket that is not closed yet.
type open struct {
	bracket byte
	word    string // before it: by, sum, topk
	commas  int
}

func (s *substitution) verbatim(to int) {
	if to <= s.i {
		return
	}
	s.parts = append(s.parts, part{s.out.Len(), s.out.Len() + to - s.i, s.i, to, true})
	s.out.WriteString(s.text[s.i:to])
	s.i = to
}

func (s *substitution) replace(to int, with string) {
	s.parts = append(s.parts, part{s.out.Len(), s.out.Len() + len(with), s.i, to, false})
	s.out.WriteString(with)
	s.i = to
}

func (s *substitution) run() {
	for s.i < len(s.text) {
		switch c := s.text[s.i]; {
		case c == '"' || c == '\'' || c == '`':
			s.quoted(c)
		case c == '#':
			end := strings.IndexByte(s.text[s.i:], '\n')
			if end < 0 {
				end = len(s.text) - s.i
			}
			s.verbatim(s.i + end)
		case wordByte(c) && !(c == ':' && s.within('[')) || c == '$' || strings.HasPrefix(s.text[s.i:], "[["):
			s.token()
		default:
			s.symbol(c)
			s.verbatim(s.i + 1)
		}
	}
}

func wordByte(c byte) bool {
	return c == '_' || c == ':' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '.' || c >= 0x80
}

// within reports whether the innermost bracket that is open is of a kind.
func (s *substitution) within(bracket byte) bool {
	return len(s.opens) > 0 && s.opens[len(s.opens)-1].bracket == bracket
}

func (s *substitution) symbol(c byte) {
	switch c {
	case '(', '[', '{':
		s.opens = append(s.opens, open{bracket: c, word: s.word})
		s.word = ""
	case ')', ']', '}':
		s.ended = true
		if len(s.opens) > 0 {
			s.ended = !joins[s.opens[len(s.opens)-1].word] // on (job) $x
			s.opens = s.opens[:len(s.opens)-1]
		}
		s.word = ""
	case ',':
		if len(s.opens) > 0 {
			s.opens[len(s.opens)-1].commas++
		}
	}
	if strings.IndexByte(" \t\r\n", c) < 0 {
		s.prev = c
		s.ended = s.ended && strings.IndexByte(")]}", c) >= 0
	}
}

// quoted copies a string. The parser takes $job in it as text; the older [[job]] is written as the newer form, which
// the inference knows for what it is.
func (s *substitution) quoted(quote byte) {
	start := s.i
	for s.i++; s.i < len(s.text) && s.text[s.i] != quote; s.i++ {
		if s.text[s.i] == '\\' && quote != '`' {
			s.i++
			continue
		}
		name, format, size := referenceAt(s.text[s.i:])
		if size == 0 {
			continue
		}
		s.uses = append(s.uses, VariableUse{Name: name, Format: format, Quoted: true, Stands: InValue, from: s.i, to: s.i + size})
		if s.text[s.i] == '[' {
			at := s.i
			s.i = start
			s.verbatim(at)
			s.replace(at+size, "$"+name)
			start = s.i
			s.i--
			continue
		}
		s.i += size - 1
	}
	end := min(s.i+1, len(s.text))
	s.i = start
	s.verbatim(end)
	s.prev, s.word, s.ended = quote, "", true
}

// token copies a word, or replaces one that variables are part of.
func (s *substitution) token() {
	end := s.i
	var refs []VariableUse
	for end < len(s.text) {
		if name, format, size := referenceAt(s.text[end:]); size > 0 && (s.text[end] == '$' || strings.HasPrefix(s.text[end:], "[[")) {
			refs = append(refs, VariableUse{Name: name, Format: format, from: end, to: end + size})
			end += size
			continue
		}
		if !wordByte(s.text[end]) || s.text[end] == ':' && s.within('[') {
			break // within brackets a colon is that of a subquery
		}
		end++
	}
	if end == s.i { // a lone $ or [
		s.symbol(s.text[s.i])
		s.verbatim(s.i + 1)
		return
	}
	if len(refs) == 0 {
		s.word = s.text[s.i:end]
		s.verbatim(end)
		s.prev, s.ended = 'a', !beforeOperand[strings.ToLower(s.word)]
		return
	}
	alone := len(refs) == 1 && refs[0].from == s.i && refs[0].to == end
	with, place := s.standIn(refs[0].Name, alone, end)
	if place == AsNumber || place == AsDuration {
		// ${n}m is a number with a unit: all of it is the duration.
		if !alone && place == AsNumber {
			place = AsDuration
		}
	}
	for i := range refs {
		refs[i].Stands = place
	}
	s.uses = append(s.uses, refs...)
	if place == AsPart && s.within('{') && with == "" { // with the comma behind it
		rest := strings.TrimLeft(s.text[end:], " \t\r\n")
		s.replace(len(s.text)-len(strings.TrimPrefix(rest, ",")), with)
		return
	}
	s.replace(end, with)
	s.word, s.prev, s.ended = with, 'a', with != "+" && with != "=="
}

// macros are Grafana's own variables that are durations, and those that are numbers.
var macros = map[string]string{
	"__interval": "1m", "__rate_interval": "5m", "__range": "1h", "__auto": "5m",
	"__interval_ms": "60000", "__range_s": "3600", "__range_ms": "3600000", "__rate_interval_ms": "300000", "__from": "1700000000000", "__to": "1700003600000",
}

// byNumber are the functions whose first argument is a number, and those of which all but the first are.
var (
	firstIsNumber = words("topk bottomk quantile limitk limit_ratio histogram_quantile quantile_over_time vector histogram_fraction")
	restAreNumber = words("round clamp clamp_min clamp_max predict_linear double_exponential_smoothing holt_winters histogram_fraction")
	takesLabels   = words("by without on ignoring group_left group_right")
	// joins are those of them that an operand follows, beforeOperand all words that one follows.
	joins         = words("on ignoring group_left group_right")
	beforeOperand = words("and or unless atan2 bool offset by without on ignoring group_left group_right")
)

// goesOn is what continues an expression: an operator, or a modifier of what stands before it.
var goesOn = regexp.MustCompile(`(?i)^(?:$|[-+*/%^=!<>),]|(?:and|or|unless|atan2|by|without|offset)\b)`)

func words(s string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(s) {
		out[w] = true
	}
	return out
}

// standIn returns what parses in the place of a token.
func (s *substitution) standIn(name string, alone bool, end int) (string, Place) {
	macro, isMacro := macros[name]
	if strings.HasPrefix(name, "__auto_interval") {
		macro, isMacro = "5m", true
	}
	var inside open
	if len(s.opens) > 0 {
		inside = s.opens[len(s.opens)-1]
	}
	switch {
	case inside.bracket == '[', s.word == "offset" || s.prev == '-' && strings.HasSuffix(strings.TrimRight(s.text[:s.i], " -"), "offset"):
		if isMacro && strings.HasSuffix(macro, "0") {
			return "5m", AsDuration
		}
		if isMacro {
			return macro, AsDuration
		}
		return "5m", AsDuration
	case isMacro && alone:
		if strings.HasSuffix(macro, "0") {
			return macro, AsNumber
		}
		return macro, AsDuration
	}
	rest := strings.TrimLeft(s.text[end:], " \t\r\n")
	index := len(s.uses)
	switch {
	case inside.bracket == '(' && takesLabels[inside.word]:
		return fmt.Sprintf("variable_%d", index), AsName
	case inside.bracket == '{' && alone && (s.prev == '{' || s.prev == ',') && rest != "" && (rest[0] == ',' || rest[0] == '}'):
		if inside.word == "" && s.prev == '{' && rest[0] == '}' {
			return `variable="x"`, AsPart
		}
		return "", AsPart
	case inside.bracket == '{':
		return fmt.Sprintf("variable_%d", index), AsName
	case alone && s.ended && goesOn.MatchString(rest):
		return "", AsPart
	case alone && s.ended && strings.HasPrefix(rest, "bool"):
		return "==", AsPart
	case alone && s.ended:
		return "+", AsPart
	case alone && strings.HasPrefix(rest, "("):
		return s.function(rest), AsFunction
	case alone && (strings.HasPrefix(rest, "by") || strings.HasPrefix(rest, "without")):
		return "sum", AsFunction
	case strings.HasPrefix(rest, "{"), strings.HasPrefix(rest, "["):
		return fmt.Sprintf("any:variable_%d", index), AsName
	case alone && inside.bracket == '(' && (inside.commas == 0 && firstIsNumber[inside.word] && strings.HasPrefix(rest, ",") || inside.commas > 0 && restAreNumber[inside.word]):
		return "1", AsNumber
	case alone && (s.numbers || strings.IndexByte("<>=!*/%^+-", s.prev) >= 0 && s.prev != 0 || s.word == "bool"):
		return "1", AsNumber
	case alone:
		return fmt.Sprintf("any:variable_%d", index), AsExpression
	}
	return fmt.Sprintf("any:variable_%d", index), AsName
}

// function returns a function that takes what stands in the brackets: series with a window, or without.
func (s *substitution) function(rest string) string {
	depth := 0
	for i := range len(rest) {
		switch rest[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return "sum"
			}
		case '[':
			if depth == 1 {
				return "rate"
			}
		}
	}
	return "sum"
}
