package infer

import (
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/catalog"
)

// form is how a value was made of one selector, so that two values can be compared where their intervals
// say nothing: errors are part of requests. A nil form is not known.
//
// That a part is at most its whole holds of samples, and of rates of one series. Rates of two counters are
// each extrapolated to their window, so that for the length of a window after a counter appears its share
// can pass 1; it is taken for one all the same, since no alert means that moment.
type form struct {
	series   catalog.Series // without a Metric where the catalog has none
	name     string
	matchers []*labels.Matcher // but those of the name
	at       moment
	fn       string          // the range function that was applied, "" for samples
	agg      parser.ItemType // SUM, COUNT or MAX; 0: not aggregated
	by       []string        // sorted
	without  bool
	factor   float64 // what values were multiplied by, not negative
	// filtered says that series may be missing, partial that an aggregate may lack some of its series,
	// lessened that values are smaller than the form says.
	filtered, partial, lessened, recorded bool
	terms                                 []*form // of a sum by +: the summands, instead of all the above
}

// moment is where in time a selector looks.
type moment struct {
	window, offset     time.Duration
	timestamp          int64
	at, startOrEnd     int
	text               string // duration expressions
	anchored, smoothed bool
}

func momentOf(n *parser.VectorSelector) moment {
	m := moment{offset: n.OriginalOffset, startOrEnd: int(n.StartOrEnd), anchored: n.Anchored, smoothed: n.Smoothed}
	if n.Timestamp != nil {
		m.timestamp, m.at = *n.Timestamp, 1
	}
	if n.OriginalOffsetExpr != nil {
		m.text = n.OriginalOffsetExpr.String()
	}
	return m
}

func (f *form) nameOr(name string) string {
	if f != nil && f.name != "" {
		return f.name
	}
	return name
}

// selected is the form after matchers and a moment.
func (f *form) selected(ms []*labels.Matcher, at moment) *form {
	if f == nil || f.recorded && at != (moment{}) {
		return nil // when a rule was evaluated is not known that well
	}
	out := *f
	out.matchers = slices.Clip(f.matchers)
	for _, m := range ms {
		if m.Name == metricName {
			continue
		}
		if f.recorded && !f.keeps(m.Name) {
			return nil // a label that the rule has set
		}
		out.matchers = append(out.matchers, m)
	}
	if !f.recorded {
		out.at = at
	}
	return &out
}

// keeps reports whether series still have a label that the metric gave them.
func (f *form) keeps(name string) bool {
	return f.agg == 0 || slices.Contains(f.by, name) != f.without
}

// applied is the form after a range function that takes nothing but the window.
func (f *form) applied(fn string) *form {
	if f == nil || f.fn != "" || f.agg != 0 || f.terms != nil || f.recorded {
		return nil
	}
	out := *f
	out.fn = fn
	return &out
}

// aggregated is the form after an aggregation.
func (f *form) aggregated(op parser.ItemType, by []string, without bool) *form {
	if f == nil || f.terms != nil || op != parser.SUM && op != parser.COUNT && op != parser.MAX {
		return nil
	}
	out := *f
	out.by = slices.Sorted(slices.Values(by))
	out.by, out.without, out.agg = slices.Compact(out.by), without, op
	out.partial = f.partial || f.filtered
	if f.agg != 0 {
		// sums of sums are sums
		if f.agg != op || op == parser.COUNT || f.without || without {
			return nil
		}
		out.by = slices.DeleteFunc(out.by, func(n string) bool { return !slices.Contains(f.by, n) })
	}
	return &out
}

// scaled is the form after a multiplication.
func (f *form) scaled(k float64) *form {
	if f == nil || f.terms != nil || k < 0 || k != k {
		return nil
	}
	out := *f
	out.factor *= k
	return &out
}

// some is the form of a part of the series.
func (f *form) some() *form {
	if f == nil || f.terms != nil {
		return nil
	}
	out := *f
	out.filtered = true
	return &out
}

// joined says by which labels two vectors join.
type joined struct {
	on     bool
	labels []string
}

func joinedBy(m *parser.VectorMatching) joined { return joined{m.On, m.MatchingLabels} }

// by reports whether series that join agree in a label.
func (j joined) by(name string) bool { return slices.Contains(j.labels, name) == j.on }

// inside reports whether each value of p is at most factor times the value of w that it joins with, both
// not negative and w on the side of one.
func (p *form) inside(w *form, j joined) (factor float64, ok bool) {
	if p == nil || w == nil || p.terms != nil {
		return 0, false
	}
	for _, t := range w.terms {
		if factor, ok := p.inside(t, j); ok && t.keepsTogether(w.terms) {
			return factor, true
		}
	}
	switch {
	case w.terms != nil, w.partial, w.lessened, w.factor == 0, p.at != w.at, p.fn != w.fn, p.recorded != w.recorded:
		return 0, false
	case !p.seriesInside(w), !p.grouped(w, j):
		return 0, false
	}
	for _, m := range w.matchers {
		if m.Name == labels.BucketLabel && m.Type == labels.MatchEqual && w.series.Suffix == "_bucket" {
			continue // compared by seriesInside
		}
		if !slices.ContainsFunc(p.matchers, func(o *labels.Matcher) bool { return sameMatcher(o, m) }) {
			return 0, false
		}
	}
	return p.factor / w.factor, true
}

// keepsTogether reports whether the terms of a sum are grouped alike, so that its groups are those of each.
func (f *form) keepsTogether(terms []*form) bool {
	return !slices.ContainsFunc(terms, func(t *form) bool {
		return t.agg != f.agg || t.without != f.without || !slices.Equal(t.by, f.by)
	})
}

// sameMatcher compares what matchers say; a variable has one value in a query.
func sameMatcher(a, b *labels.Matcher) bool {
	return a.Name == b.Name && a.Type == b.Type && a.Value == b.Value
}

// seriesInside reports whether p's metric counts a part of what w's counts.
func (p *form) seriesInside(w *form) bool {
	if p.series.Metric != nil && p.series.Metric == w.series.Metric && p.series.Suffix == "_bucket" {
		pinned, upper := p.bucket()
		switch w.series.Suffix {
		case "_count":
			return pinned
		case "_bucket":
			all, top := w.bucket()
			return !all && !pinned || pinned && (!all || upper <= top)
		}
		return false
	}
	if p.name == w.name {
		return true
	}
	if p.series.Suffix != "" {
		return false
	}
	m := p.series.Metric
	for range 8 { // declarations could run in a circle
		if m == nil || m.PartOf == nil {
			return false
		}
		whole := m.PartOf.Series()
		if whole.Metric != nil && whole.Name() == w.name {
			return true
		}
		m = whole.Metric
	}
	return false
}

// bucket returns the one bucket that matchers select.
func (f *form) bucket() (pinned bool, upper float64) {
	for _, m := range f.matchers {
		if m.Name == labels.BucketLabel && m.Type == labels.MatchEqual {
			if v, err := strconv.ParseFloat(m.Value, 64); err == nil {
				return true, v
			}
		}
	}
	return false, 0
}

// grouped reports whether each group of p lies inside the group of w that it joins with.
func (p *form) grouped(w *form, j joined) bool {
	switch {
	case w.agg == 0:
		return p.agg == 0
	case p.agg == 0:
		if w.agg == parser.COUNT {
			return false
		}
	case p.agg != w.agg:
		return false
	}
	if w.without {
		return p.without && slices.Equal(p.by, w.by) && !j.on && len(j.labels) == 0
	}
	for _, n := range w.by {
		if !j.by(n) || !p.keeps(n) {
			return false
		}
	}
	return true
}

// equals reports whether p is w, given that it is inside: each value is divided by itself.
func (p *form) equals(w *form, j joined) bool {
	if w.terms != nil || p.name != w.name || p.partial || p.lessened || p.agg != w.agg || p.without != w.without ||
		p.agg != 0 && !slices.Equal(p.by, w.by) {
		return false
	}
	for _, m := range p.matchers {
		same := slices.ContainsFunc(w.matchers, func(o *labels.Matcher) bool { return sameMatcher(o, m) })
		if !same && (!p.keeps(m.Name) || !j.by(m.Name)) {
			return false
		}
	}
	return true
}

// meanOf reports whether p is the sum and w the count of the same observations.
func (p *form) meanOf(w *form, j joined) bool {
	return p != nil && w != nil && p.terms == nil && w.terms == nil &&
		p.series.Metric != nil && p.series.Metric == w.series.Metric &&
		p.series.Suffix == "_sum" && w.series.Suffix == "_count" &&
		p.at == w.at && p.fn == w.fn && p.agg == w.agg && p.factor == 1 && w.factor == 1 &&
		!p.partial && !w.partial && !p.lessened && !w.lessened && p.recorded == w.recorded &&
		p.grouped(w, j) && w.grouped(p, j) &&
		slices.EqualFunc(p.matchers, w.matchers, sameMatcher)
}
