package query

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/unit"
)

// promql accepts what the pinned Prometheus does, with any flag.
var promql = Features(nil).Parser()

// ParseText parses PromQL as the pinned Prometheus does, experimental functions included.
func ParseText(text string) (parser.Expr, error) { return promql.ParseExpr(text) }

// Map returns a copy of an expression in which every node was replaced by what f makes of it, children
// first. f may modify the node that it is given, which is a copy; it must not modify the node's parts.
func Map(e parser.Expr, f func(parser.Expr) parser.Expr) parser.Expr {
	if e == nil {
		return nil
	}
	if n, ok := e.(*parser.StepInvariantExpr); ok {
		return Map(n.Expr, f)
	}
	return f(MapChildren(e, func(c parser.Expr) parser.Expr { return Map(c, f) }))
}

// MapChildren returns a copy of a node in which every child was replaced by what f makes of it. f is not
// called for a parameter that is not there.
func MapChildren(e parser.Expr, f func(parser.Expr) parser.Expr) parser.Expr {
	switch n := e.(type) {
	case *parser.AggregateExpr:
		c := *n
		c.Expr = f(n.Expr)
		if n.Param != nil {
			c.Param = f(n.Param)
		}
		return &c
	case *parser.BinaryExpr:
		c := *n
		c.LHS, c.RHS = f(n.LHS), f(n.RHS)
		if n.VectorMatching != nil {
			m := *n.VectorMatching
			c.VectorMatching = &m
		}
		return &c
	case *parser.Call:
		c := *n
		c.Args = make(parser.Expressions, len(n.Args))
		for i, a := range n.Args {
			c.Args[i] = f(a)
		}
		return &c
	case *parser.MatrixSelector:
		c := *n
		c.VectorSelector = f(n.VectorSelector)
		return &c
	case *parser.SubqueryExpr:
		c := *n
		c.Expr = f(n.Expr)
		return &c
	case *parser.ParenExpr:
		c := *n
		c.Expr = f(n.Expr)
		return &c
	case *parser.UnaryExpr:
		c := *n
		c.Expr = f(n.Expr)
		return &c
	case *parser.StepInvariantExpr:
		c := *n
		c.Expr = f(n.Expr)
		return &c
	case *parser.VectorSelector:
		c := *n
		return &c
	case *parser.NumberLiteral:
		c := *n
		return &c
	case *parser.StringLiteral:
		c := *n
		return &c
	default:
		return e
	}
}

// HasOpenWindow reports whether a window of the expression is still to be chosen.
func HasOpenWindow(e parser.Expr) bool {
	open := false
	Walk(e, func(n parser.Expr) {
		if m, ok := n.(*parser.MatrixSelector); ok && m.Range == 0 && m.RangeExpr == nil {
			open = true
		}
	})
	return open
}

// Walk calls f for every node of an expression, parents first.
func Walk(e parser.Expr, f func(parser.Expr)) {
	if e == nil {
		return
	}
	f(e)
	switch n := e.(type) {
	case *parser.AggregateExpr:
		Walk(n.Param, f)
		Walk(n.Expr, f)
	case *parser.BinaryExpr:
		Walk(n.LHS, f)
		Walk(n.RHS, f)
	case *parser.Call:
		for _, a := range n.Args {
			Walk(a, f)
		}
	case *parser.MatrixSelector:
		Walk(n.VectorSelector, f)
	case *parser.SubqueryExpr:
		Walk(n.Expr, f)
	case *parser.ParenExpr:
		Walk(n.Expr, f)
	case *parser.UnaryExpr:
		Walk(n.Expr, f)
	case *parser.StepInvariantExpr:
		Walk(n.Expr, f)
	}
}

// SetWindow returns a copy in which every window still open is fixed.
func SetWindow(e parser.Expr, window time.Duration) parser.Expr {
	return Map(e, func(n parser.Expr) parser.Expr {
		if m, ok := n.(*parser.MatrixSelector); ok && m.Range == 0 && m.RangeExpr == nil {
			m.Range = window
		}
		return n
	})
}

// openWindow is how a window that is not chosen yet prints: no valid expression has it.
const openWindow = "[0s]"

// Text prints an expression, with window (such as $__rate_interval) in the place of windows still open;
// pretty breaks long expressions over lines as Prometheus's own formatter does.
func Text(e parser.Expr, window string, pretty bool) string {
	if e == nil {
		return ""
	}
	text := e.String()
	if pretty {
		text = parser.Prettify(e)
	}
	if window == "" || !strings.Contains(text, openWindow) {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); {
		switch {
		case text[i] == '"':
			end := endOfString(text, i)
			b.WriteString(text[i:end])
			i = end
		case strings.HasPrefix(text[i:], openWindow):
			fmt.Fprintf(&b, "[%s]", window)
			i += len(openWindow)
		default:
			b.WriteByte(text[i])
			i++
		}
	}
	return b.String()
}

// endOfString returns the index after the double-quoted string that begins at i.
func endOfString(text string, i int) int {
	for j := i + 1; j < len(text); j++ {
		switch text[j] {
		case '\\':
			j++
		case '"':
			return j + 1
		}
	}
	return len(text)
}

// moment is where in time a selector or subquery looks.
type moment struct {
	offset     time.Duration
	at         *int64
	startOrEnd parser.ItemType
}

// fix sets the time of evaluation, unless it is fixed already: what is evaluated at one moment is the same at another.
func (m *moment) fix(at *int64, startOrEnd parser.ItemType) {
	if m.at == nil && m.startOrEnd == 0 {
		m.at, m.startOrEnd = at, startOrEnd
	}
}

// shift moves the outermost selectors and subqueries of an expression in time.
func shift(e parser.Expr, f func(*moment)) parser.Expr {
	switch n := e.(type) {
	case nil:
		return nil
	case *parser.SubqueryExpr: // what lies inside follows the subquery
		c := *n
		m := moment{c.OriginalOffset, c.Timestamp, c.StartOrEnd}
		f(&m)
		c.OriginalOffset, c.Timestamp, c.StartOrEnd = m.offset, m.at, m.startOrEnd
		return &c
	case *parser.VectorSelector:
		c := *n
		m := moment{c.OriginalOffset, c.Timestamp, c.StartOrEnd}
		f(&m)
		c.OriginalOffset, c.Timestamp, c.StartOrEnd = m.offset, m.at, m.startOrEnd
		return &c
	default:
		return MapChildren(e, func(c parser.Expr) parser.Expr { return shift(c, f) })
	}
}

// standIn is the window that stands for an open one while a text is parsed.
const standIn = 291*365*24*time.Hour + 7*7*24*time.Hour + 3*24*time.Hour

// reopen returns a copy in which every window of the length of standIn is open again.
func reopen(e parser.Expr) parser.Expr {
	return Map(e, func(n parser.Expr) parser.Expr {
		if m, ok := n.(*parser.MatrixSelector); ok && m.Range == standIn {
			m.Range = 0
		}
		return n
	})
}

// ParseOpen parses PromQL in which window (such as $__rate_interval) stands for a window still open.
func ParseOpen(text, window string) (parser.Expr, error) {
	e, err := ParseText(strings.ReplaceAll(text, "["+window+"]", "["+unit.Duration(standIn)+"]"))
	if err != nil {
		return nil, err
	}
	return reopen(e), nil
}

// Reach returns how far back an expression looks, and its shortest window; open windows do not count.
func Reach(e parser.Expr) (far, shortest time.Duration) {
	shortest = time.Duration(math.MaxInt64)
	parser.Inspect(e, func(n parser.Node, path []parser.Node) error {
		var back time.Duration
		for _, x := range append(slices.Clone(path), n) {
			switch x := x.(type) {
			case *parser.MatrixSelector:
				back += x.Range
				if x.Range > 0 {
					shortest = min(shortest, x.Range)
				}
			case *parser.SubqueryExpr:
				back += x.Range + x.OriginalOffset
			case *parser.VectorSelector:
				back += x.OriginalOffset
			}
		}
		far = max(far, back)
		return nil
	})
	return far, shortest
}
