package validate

import (
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/catalog/external"
	"github.com/obsgen/obsgen/diag"
)

// names returns the series of the catalog.
func (s *Set) names() map[string]catalog.Series {
	if s.index == nil {
		s.index = map[string]catalog.Series{}
		if s.Catalog != nil {
			s.index = s.Catalog.Index()
		}
	}
	return s.index
}

// partOf reports whether the catalog says that one counter counts a part of what another counts.
func (s *Set) partOf(part, whole string) bool {
	x, ok := s.names()[part]
	return ok && x.Metric.PartOf != nil && x.Metric.PartOf.Series().Name() == whole
}

// siblings returns the recorded series whose names differ from one in their last part only.
func (s *Set) siblings(name string) []string {
	stem := func(n string) string { return n[:strings.LastIndexByte(n, ':')+1] }
	if s.stems == nil {
		s.stems = map[string][]string{}
		for n := range s.recorded {
			if x := stem(n); strings.Trim(x, ":") != "" {
				s.stems[x] = append(s.stems[x], n)
			}
		}
	}
	return slices.Clone(s.stems[stem(name)])
}

func wordRune(r rune) bool {
	return r == '_' || r == ':' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

// ruled reports whether a rule reads a metric over the same window: a panel beside it shows what the rule compares.
func (s *Set) ruled(w windowed) bool {
	if s.windows == nil {
		s.windows = map[string]bool{}
		for _, q := range s.Queries {
			if q.Rule != nil {
				eachWindow(q, func(w windowed) { s.windows[w.vs.Name+w.matrix.Range.String()] = true })
			}
		}
	}
	return s.windows[w.vs.Name+w.matrix.Range.String()]
}

// near returns the series that a name is nearly that of: a suffix more or less, or at most two letters of ten or more.
func (s *Set) near(name string) string {
	index := s.names()
	for _, suffix := range []string{"_total", "_seconds", "_bytes", "_ratio", "_bucket", "_count", "_sum"} {
		if _, ok := index[name+suffix]; ok {
			return name + suffix
		}
		if stem, cut := strings.CutSuffix(name, suffix); cut {
			if _, ok := index[stem]; ok {
				return stem
			}
		}
	}
	if len(name) < 10 {
		return ""
	}
	best := ""
	for n := range index {
		if d := len(n) - len(name); d >= -2 && d <= 2 && strings.HasPrefix(n, name[:4]) && diag.Distance(name, n) <= 2 && (best == "" || n < best) {
			best = n
		}
	}
	return best
}

// readers are the names of series that the files read, and the patterns by which they read names.
type readers struct {
	names    map[string]bool
	patterns []*labels.Matcher
}

// reads reports whether anything reads the series of a name.
func (r *readers) reads(name string) bool {
	return r.names[name] || slices.ContainsFunc(r.patterns, func(m *labels.Matcher) bool { return m.Matches(name) })
}

// readers collects what queries, and the variables of dashboards, read.
func (s *Set) readers() *readers {
	if s.read != nil {
		return s.read
	}
	s.read = &readers{names: map[string]bool{}}
	for _, q := range s.Queries {
		eachOf(q, func(vs *parser.VectorSelector) {
			s.read.names[vs.Name] = true
			for _, m := range vs.LabelMatchers {
				if m.Name == model.MetricNameLabel && m.Type != labels.MatchEqual {
					s.read.patterns = append(s.read.patterns, m)
				}
			}
		})
	}
	for _, d := range s.Dashboards {
		for _, v := range d.Variables {
			for _, word := range strings.FieldsFunc(v.Query.Value, func(r rune) bool { return !wordRune(r) }) {
				s.read.names[word] = true
			}
		}
	}
	return s.read
}

// Unread returns the metrics of the catalog of which no file reads any series, in the catalog's order.
func (s *Set) Unread() []*catalog.Metric {
	if s.Catalog == nil {
		return nil
	}
	read := map[*catalog.Metric]bool{}
	for name, x := range s.names() {
		if s.readers().reads(name) {
			read[x.Metric] = true
		}
	}
	var out []*catalog.Metric
	for _, m := range s.Catalog.Metrics() {
		if !read[m] && m.Group != external.Scrape && m.Group != external.Alerts {
			out = append(out, m)
		}
	}
	return out
}
