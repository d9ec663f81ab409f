package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/query"
)

// recorded is a recording rule as substitution sees it.
type recorded struct {
	rule  *Rule
	text  string          // its expression, for exact matches
	sum   aggregated      // its parts, where it is an aggregation that can be rolled up
	isSum bool            //
	keeps map[string]bool // labels of its series
}

// aggregated is an aggregation over one selector: op by (labels) (fn(selector[window])).
type aggregated struct {
	op       parser.ItemType
	by       []string // sorted
	fn       string   // "" for a plain selector
	window   string
	selector *parser.VectorSelector
}

// rollable are the aggregations of which that of parts is that of the whole.
var rollable = map[parser.ItemType]bool{parser.SUM: true, parser.MAX: true, parser.MIN: true}

func aggregatedOf(e parser.Expr) (aggregated, bool) {
	n, ok := e.(*parser.AggregateExpr)
	if !ok || n.Without || !rollable[n.Op] {
		return aggregated{}, false
	}
	a := aggregated{op: n.Op, by: slices.Sorted(slices.Values(n.Grouping))}
	inner := n.Expr
	if c, ok := inner.(*parser.Call); ok && len(c.Args) == 1 {
		m, ok := c.Args[0].(*parser.MatrixSelector)
		if !ok || m.RangeExpr != nil {
			return aggregated{}, false
		}
		a.fn, a.window, inner = c.Func.Name, m.Range.String(), m.VectorSelector
	}
	a.selector, ok = inner.(*parser.VectorSelector)
	if !ok || a.selector.OriginalOffsetExpr != nil || a.selector.Anchored || a.selector.Smoothed {
		return aggregated{}, false
	}
	return a, true
}

// newRecorded prepares a rule for substitution; expr is what it records, windows fixed.
func newRecorded(r *Rule, expr parser.Expr) *recorded {
	rec := &recorded{rule: r, text: expr.String()}
	rec.sum, rec.isSum = aggregatedOf(expr)
	if rec.isSum && (rec.sum.selector.OriginalOffset != 0 || rec.sum.selector.Timestamp != nil || rec.sum.selector.StartOrEnd != 0) {
		rec.isSum = false // a shifted recording fits nothing but itself
	}
	if len(r.decl.Labels) > 0 {
		rec.isSum = false // its series have labels that the expression's have not
		rec.text = ""
	}
	return rec
}

// substitution puts recorded series into expressions.
type substitution struct {
	records []*recorded
	// keep returns labels that a record must carry if it is to stand for a selector's series: those by
	// which the place of the expression will filter. nil: none.
	keep func(*parser.VectorSelector) []string
	// self is the rule whose expression is rewritten; it does not read itself.
	self *Rule
	used map[*Rule]bool
}

// rewrite returns the expression with every part that is recorded replaced by its series. Both forms
// give the same values: a record stands for a part if it is the same expression, or the same
// aggregation by more labels, which is then rolled up. The window must be the same.
func (s *substitution) rewrite(e parser.Expr) parser.Expr {
	if e == nil {
		return nil
	}
	if out := s.exact(e); out != nil {
		return out
	}
	if out := s.rollUp(e); out != nil {
		return out
	}
	out := query.MapChildren(e, s.rewrite)
	if p, ok := out.(*parser.ParenExpr); ok {
		return unwrap(p)
	}
	return out
}

func (s *substitution) exact(e parser.Expr) parser.Expr {
	switch e.(type) {
	case *parser.AggregateExpr, *parser.BinaryExpr, *parser.Call, *parser.ParenExpr:
	default:
		return nil
	}
	text := e.String()
	if p, ok := e.(*parser.ParenExpr); ok {
		text = p.Expr.String()
	}
	for _, r := range s.records {
		if r.rule == s.self || r.text != text || !s.carries(r, e) {
			continue
		}
		s.used[r.rule] = true
		return recordSelector(r.rule.Record)
	}
	return nil
}

// carries reports whether the record keeps every label by which the expression's place filters.
func (s *substitution) carries(r *recorded, e parser.Expr) bool {
	if s.keep == nil {
		return true
	}
	ok := true
	query.Walk(e, func(n parser.Expr) {
		if vs, is := n.(*parser.VectorSelector); is {
			for _, l := range s.keep(vs) {
				ok = ok && r.keeps[l]
			}
		}
	})
	return ok
}

func (s *substitution) rollUp(e parser.Expr) parser.Expr {
	want, ok := aggregatedOf(e)
	if !ok {
		return nil
	}
	var best *recorded
	var extra []*labels.Matcher
	for _, r := range s.records {
		if r.rule == s.self || !r.isSum || r.sum.op != want.op || r.sum.fn != want.fn || r.sum.window != want.window {
			continue
		}
		more, ok := narrower(want.selector, r.sum.selector, r.sum.by)
		if !ok || !subset(want.by, r.sum.by) || !s.carries(r, e) {
			continue
		}
		if best == nil || len(r.sum.by) < len(best.sum.by) ||
			len(r.sum.by) == len(best.sum.by) && len(r.sum.selector.LabelMatchers) > len(best.sum.selector.LabelMatchers) {
			best, extra = r, more
		}
	}
	if best == nil {
		return nil
	}
	s.used[best.rule] = true
	sel := recordSelector(best.rule.Record)
	sel.LabelMatchers = append(sel.LabelMatchers, extra...)
	sel.OriginalOffset, sel.Timestamp, sel.StartOrEnd = want.selector.OriginalOffset, want.selector.Timestamp, want.selector.StartOrEnd
	if slices.Equal(want.by, best.sum.by) {
		return sel // already one series per group
	}
	n := *e.(*parser.AggregateExpr)
	n.Expr = sel
	return &n
}

// narrower returns the matchers by which a selects less than b, where they are all on the labels by
// which b's series were grouped; ok is false where a is not part of b.
func narrower(a, b *parser.VectorSelector, by []string) (extra []*labels.Matcher, ok bool) {
	if a.Name != b.Name {
		return nil, false
	}
	same := func(m *labels.Matcher) func(*labels.Matcher) bool {
		return func(o *labels.Matcher) bool { return o.Name == m.Name && o.Type == m.Type && o.Value == m.Value }
	}
	for _, m := range b.LabelMatchers {
		if !slices.ContainsFunc(a.LabelMatchers, same(m)) {
			return nil, false
		}
	}
	for _, m := range a.LabelMatchers {
		if slices.ContainsFunc(b.LabelMatchers, same(m)) {
			continue
		}
		if !slices.Contains(by, m.Name) {
			return nil, false
		}
		extra = append(extra, m)
	}
	return extra, true
}

func subset(a, b []string) bool {
	for _, x := range a {
		if !slices.Contains(b, x) {
			return false
		}
	}
	return true
}

func recordSelector(name string) *parser.VectorSelector {
	return &parser.VectorSelector{
		Name:          name,
		LabelMatchers: []*labels.Matcher{labels.MustNewMatcher(labels.MatchEqual, model.MetricNameLabel, name)},
	}
}

// unwrap drops parentheses around what needs none, such as a selector that took the place of a quotient.
func unwrap(p *parser.ParenExpr) parser.Expr {
	switch p.Expr.(type) {
	case *parser.VectorSelector, *parser.AggregateExpr, *parser.Call:
		return p.Expr
	}
	return p
}

// substituteRecords rewrites every rule and panel to read recorded series where its expression contains
// what they record.
func (b *builder) substituteRecords() {
	for _, g := range b.plan.Groups {
		for _, r := range g.Rules {
			s := &substitution{records: b.records, self: r, used: map[*Rule]bool{}}
			r.Expr.Tree = s.rewrite(r.Expr.Tree)
			if r.Alert != nil {
				r.Alert.Value.Tree = s.rewrite(r.Alert.Value.Tree)
			}
			r.Reads = sortedRules(s.used)
		}
	}
	for _, board := range b.plan.Boards {
		keep := func(vs *parser.VectorSelector) []string {
			var out []string
			for _, v := range b.filters(board, vs.Name) {
				out = append(out, v.Label.Name)
			}
			return out
		}
		for _, p := range board.Panels() {
			for i := range p.Targets {
				s := &substitution{records: b.records, keep: keep, used: map[*Rule]bool{}}
				// Where nothing is recorded the tree stays the one that was written, and is worked on once.
				if rewritten := s.rewrite(p.Targets[i].Expr.Tree); len(s.used) > 0 {
					p.Targets[i].Expr.Tree = rewritten
				}
			}
		}
	}
}

func sortedRules(set map[*Rule]bool) []*Rule {
	var out []*Rule
	for r := range set {
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b *Rule) int { return strings.Compare(a.Name(), b.Name()) })
	return out
}

// String returns the record's name and expression.
func (r *recorded) String() string { return fmt.Sprintf("%s = %s", r.rule.Record, r.text) }
