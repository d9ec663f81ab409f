package source

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/promql/parser/posrange"

	"github.com/obsgen/obsgen/diag"
	"github.com/obsgen/obsgen/query"
)

// Query is a PromQL expression of a file. Grafana's variables and macros are replaced by what parses in their place.
type Query struct {
	Text Text
	// Expr is the syntax tree, nil where the text does not parse.
	Expr parser.Expr
	// Fault is why it does not.
	Fault *QueryFault
	// Left is why the query is not checked, though it may be right: LeftLogQL. It has neither Expr nor Fault then.
	Left string
	// Variables are Grafana's variables and macros in the text, in order.
	Variables []VariableUse

	parts []part
}

// QueryFault is what the parser says of a text and where.
type QueryFault struct {
	Message string
	At      diag.Position
	// Unsure says that it may be a fault of what is put in the place of a variable.
	Unsure bool
	// MetricsQL says that it may be none in MetricsQL.
	MetricsQL bool

	parser string // what the parser says
}

// VariableUse is a variable or macro in a query.
type VariableUse struct {
	Name string // job of $job, ${job:regex} and [[job]]
	// Format is the format that is asked for: regex of ${job:regex}.
	Format string
	// Quoted says that it stands within a string: a matcher's value.
	Quoted bool
	// Stands is what it stands for.
	Stands Place
	from   int // in the text
	to     int
}

// Place is what a variable stands for in a query.
type Place uint8

// The places of a variable.
const (
	InValue    Place = iota // part of a matcher's value
	AsName                  // a metric's or label's name, or a part of it
	AsDuration              // a window, step or offset
	AsNumber
	AsFunction
	AsExpression
	AsPart // an operator, a part with one, or a list of matchers: what the expression is depends on its value
)

// part is a piece of the parsed text with the piece of the query's text that it came from.
type part struct {
	from, to         int // in the parsed text
	origFrom, origTo int
	same             bool // byte for byte
}

// promql accepts what the pinned Prometheus does, experimental functions included: whether a server has them on is not
// for a reader to say.
var promql = query.Features(nil).Parser()

// NewQuery reads an expression. With variables, Grafana's variables and macros are replaced first.
func NewQuery(t Text, variables bool) *Query {
	q := &Query{Text: t}
	s := substitution{text: t.Value}
	if variables && strings.ContainsAny(t.Value, "$[") {
		s.run()
	} else {
		s.verbatim(len(t.Value))
	}
	q.Variables, q.parts = s.uses, s.parts
	e, err := promql.ParseExpr(s.out.String())
	if err != nil && len(s.uses) > 0 {
		// What was taken for a name may be a number: sum(x) > $limit says so, $a * $b does not.
		other := substitution{text: t.Value, numbers: true}
		other.run()
		if e2, err2 := promql.ParseExpr(other.out.String()); err2 == nil {
			e, err = e2, nil
			q.Variables, q.parts = other.uses, other.parts
		}
	}
	if err != nil {
		q.Fault = q.fault(err)
	} else {
		q.Expr = e
	}
	q.completed(variables)
	if q.Expr != nil && slices.ContainsFunc(q.Variables, func(v VariableUse) bool { return v.Stands == AsPart }) {
		q.leave(LeftVariable)
	}
	return q
}

// standIn is what the parser was given in the place of a variable.
var standIn = regexp.MustCompile(`(?:any:)?variable_(\d+)`)

func (q *Query) fault(err error) *QueryFault {
	f := &QueryFault{Message: err.Error(), At: q.Text.At(), parser: err.Error()}
	var errs parser.ParseErrors
	if errors.As(err, &errs) && len(errs) > 0 {
		f.parser, f.At = errs[0].Err.Error(), q.at(errs[0].PositionRange)
	}
	f.Message = f.parser
	if len(q.Variables) == 0 {
		return f
	}
	f.Message = standIn.ReplaceAllStringFunc(f.parser, func(s string) string {
		i, _ := strconv.Atoi(standIn.FindStringSubmatch(s)[1])
		if i >= len(q.Variables) {
			return s
		}
		at := q.Variables[i].from
		for _, p := range q.parts {
			if at >= p.origFrom && at < p.origTo && !p.same {
				return q.Text.Value[p.origFrom:p.origTo]
			}
		}
		return s
	})
	// A value within quotes or a window changes nothing in how the expression is built, and Grafana's own are known.
	f.Unsure = slices.ContainsFunc(q.Variables, func(v VariableUse) bool {
		return v.Stands != InValue && v.Stands != AsDuration && !strings.HasPrefix(v.Name, "__")
	})
	return f
}

// Position returns where a node of the tree stands in the file.
func (q *Query) Position(n parser.Node) diag.Position {
	if n == nil {
		return q.Text.At()
	}
	return q.at(n.PositionRange())
}

func (q *Query) at(r posrange.PositionRange) diag.Position {
	i, j := q.span(r)
	return q.Text.Position(i, j)
}

// span returns the bytes of the query's text that a range of the parsed text came from.
func (q *Query) span(r posrange.PositionRange) (from, to int) {
	from, to = len(q.Text.Value), len(q.Text.Value)
	start, end := int(r.Start), int(r.End)
	for _, p := range q.parts {
		if start >= p.from && start < p.to {
			from = p.origFrom
			if p.same {
				from += start - p.from
			}
		}
		if end > p.from && end <= p.to {
			to = p.origTo
			if p.same {
				to = p.origFrom + end - p.from
			}
		}
	}
	return from, max(from, to)
}

// Touches reports whether any variable stands within a node.
func (q *Query) Touches(n parser.Node) bool {
	_, ok := q.VariableIn(n)
	return ok
}

// VariableIn returns the first variable that stands within a node.
func (q *Query) VariableIn(n parser.Node) (v VariableUse, ok bool) {
	if len(q.Variables) == 0 {
		return v, false
	}
	from, to := q.span(n.PositionRange())
	for _, v := range q.Variables {
		if v.from < to && v.to > from {
			return v, true
		}
	}
	return v, false
}

// VariableWindow reports whether a variable stands for a duration within a node: its window, step or offset.
func (q *Query) VariableWindow(n parser.Node) bool {
	from, to := q.span(n.PositionRange())
	for _, v := range q.Variables {
		if v.Stands == AsDuration && v.from < to && v.to > from {
			return true
		}
	}
	return false
}

// VariablePosition returns where a variable stands in the file.
func (q *Query) VariablePosition(v VariableUse) diag.Position { return q.Text.Position(v.from, v.to) }

// Within returns the place of the first occurrence of a word within a node's text, the node's own where it has none.
func (q *Query) Within(n parser.Node, word string) diag.Position {
	from, to := q.span(n.PositionRange())
	text := q.Text.Value[from:to]
	brace := strings.IndexByte(text, '{')
	if i := strings.Index(text[max(brace, 0):], word); i >= 0 {
		i += max(brace, 0)
		return q.Text.Position(from+i, from+i+len(word))
	}
	return q.Position(n)
}

// MatcherText is where the parts of a matcher stand in the file.
type MatcherText struct{ Op, Value diag.Position }

// MatcherText finds a matcher in the text of its selector. ok is false where it is not written exactly once, byte for
// byte as it is read.
func (q *Query) MatcherText(vs parser.Node, name, op, value string) (at MatcherText, ok bool) {
	from, to := q.span(vs.PositionRange())
	re, err := regexp.Compile(`(?:^|[{,\s])` + regexp.QuoteMeta(name) + `\s*(` + regexp.QuoteMeta(op) + `)\s*["']` + `(` + regexp.QuoteMeta(value) + `)["']`)
	if err != nil {
		return at, false
	}
	found := re.FindAllStringSubmatchIndex(q.Text.Value[from:to], -1)
	if len(found) != 1 {
		return at, false
	}
	m := found[0]
	at.Op, at.Value = q.Text.Position(from+m[2], from+m[3]), q.Text.Position(from+m[4], from+m[5])
	for _, p := range []diag.Position{at.Op, at.Value} {
		if p.EndCol == 0 { // over a line's end
			return at, false
		}
	}
	return at, at.Op.EndCol-at.Op.Col == len(op) && at.Value.EndCol-at.Value.Col == len(value)
}

// TextOf returns what an author wrote for a node.
func (q *Query) TextOf(n parser.Node) string {
	from, to := q.span(n.PositionRange())
	return q.Text.Value[from:to]
}
