package infer

import (
	"math"
	"time"

	"github.com/prometheus/prometheus/promql/parser"
)

// Bound returns how many sets of labels there are at most among the series of one target, by the labels' closed values
// and the catalog's upper bounds. ok is false where a label's values are not bounded, or labels may be there that nobody
// knows.
func (l Labels) Bound() (n int, ok bool) {
	if !l.closed {
		return 0, false
	}
	n = 1
	for _, e := range l.list {
		if e.name == metricName && e.presence == Must && !e.values.closed {
			return 0, false
		}
		most := e.values.Most()
		if most == 0 && !e.values.closed {
			return 0, false
		}
		if e.presence != Must {
			most++ // those without it
		}
		if n > 0 && most > math.MaxInt32/n {
			return math.MaxInt32, true
		}
		n *= most
	}
	return n, true
}

// Samples returns how many samples of one target an evaluation of the expression reads at most: the series of each
// selector times the samples of its window, once for each step of a subquery. Targets are scraped, and subqueries without
// a step evaluated, at the interval every. ok is false where the series of a selector are not bounded.
func (t *Table) Samples(every time.Duration) (n float64, ok bool) {
	ok = every > 0
	var walk func(e parser.Expr, times, window float64)
	walk = func(e parser.Expr, times, window float64) {
		switch x := e.(type) {
		case *parser.VectorSelector:
			series, known := t.Of(x).Labels.Bound()
			ok = ok && known
			n += float64(series) * window * times
		case *parser.MatrixSelector:
			walk(x.VectorSelector, times, points(x.Range, every))
		case *parser.SubqueryExpr:
			step := x.Step
			if step <= 0 {
				step = every
			}
			walk(x.Expr, times*points(x.Range, step), 1)
		default:
			for c := range parser.ChildrenIter(e) {
				if c, is := c.(parser.Expr); is {
					walk(c, times, 1)
				}
			}
		}
	}
	if ok {
		walk(t.root, 1, 1)
	}
	return n, ok
}

// points returns how many points lie in a window at most.
func points(window, every time.Duration) float64 {
	return math.Max(1, math.Ceil(float64(window)/float64(every)))
}
