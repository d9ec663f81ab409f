package simulate

import (
	"context"
	"maps"
	"math"
	"slices"
	"sort"
	"sync"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/util/annotations"
)

// store holds samples in memory, as columns: what the generator makes, and what rules record. It is for concurrent use.
type store struct {
	mu     sync.RWMutex
	byHash map[uint64][]*stored
	byName map[string][]*stored
}

type stored struct {
	labels labels.Labels
	native bool
	points points
}

// point is a sample; h is set in series of histograms.
type point struct {
	t int64
	v float64
	h *histogram.FloatHistogram
}

func (p *point) T() int64                      { return p.t }
func (p *point) ST() int64                     { return 0 }
func (p *point) F() float64                    { return p.v }
func (p *point) H() *histogram.Histogram       { return nil }
func (p *point) FH() *histogram.FloatHistogram { return p.h }
func (p *point) Copy() chunks.Sample           { c := *p; return &c }

func (p *point) Type() chunkenc.ValueType {
	if p.h != nil {
		return chunkenc.ValFloatHistogram
	}
	return chunkenc.ValFloat
}

type points []point

// Get returns a sample.
func (p points) Get(i int) chunks.Sample { return &p[i] }

// Len is how many there are.
func (p points) Len() int { return len(p) }

// from returns the number of the first sample at a time or after it.
func (p points) from(t int64) int {
	return sort.Search(len(p), func(i int) bool { return p[i].t >= t })
}

func newStore() *store {
	return &store{byHash: map[uint64][]*stored{}, byName: map[string][]*stored{}}
}

// series returns the series with these labels, which it makes where there is none. The caller holds the lock.
func (s *store) series(ls labels.Labels) *stored {
	hash := ls.Hash()
	for _, x := range s.byHash[hash] {
		if labels.Equal(x.labels, ls) {
			return x
		}
	}
	x := &stored{labels: ls}
	s.byHash[hash] = append(s.byHash[hash], x)
	name := ls.Get(model.MetricNameLabel)
	s.byName[name] = append(s.byName[name], x)
	return x
}

// load adds the samples of a generator's batch.
func (s *store) load(g *Generator) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range g.targets {
		t.columns(func(c *column) {
			if len(c.v) == 0 {
				return
			}
			x := s.series(c.labels)
			for i, v := range c.v {
				if isNone(v) {
					continue
				}
				p := point{t: t.times[c.first+i], v: v}
				switch {
				case !c.native:
				case c.h[i] != nil:
					p.h = c.h[i].ToFloat(nil)
				default:
					p.h = &histogram.FloatHistogram{Sum: v} // where it ends
				}
				x.native = c.native
				x.points = append(x.points, p)
			}
		})
	}
}

// trim drops what is older than a time, and series that have nothing left.
func (s *store) trim(before int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, list := range s.byName {
		kept := list[:0:0]
		for _, x := range list {
			switch n := x.points.from(before); {
			case n == len(x.points):
				hash := x.labels.Hash()
				s.byHash[hash] = slices.DeleteFunc(slices.Clone(s.byHash[hash]), func(o *stored) bool { return o == x })
				continue
			case n > len(x.points)/2: // by halves, so that not every call copies
				x.points = slices.Clone(x.points[n:])
			}
			kept = append(kept, x)
		}
		s.byName[name] = kept
	}
}

// Querier returns what was sampled between two moments, in milliseconds.
func (s *store) Querier(mint, maxt int64) (storage.Querier, error) {
	return &storeQuerier{s, mint, maxt}, nil
}

type storeQuerier struct {
	store      *store
	mint, maxt int64
}

// matching calls f with the series that all matchers accept.
func (q *storeQuerier) matching(ms []*labels.Matcher, f func(*stored)) {
	q.store.mu.RLock()
	defer q.store.mu.RUnlock()
	look := func(list []*stored) {
		for _, x := range list {
			if !slices.ContainsFunc(ms, func(m *labels.Matcher) bool { return !m.Matches(x.labels.Get(m.Name)) }) {
				f(x)
			}
		}
	}
	for _, m := range ms {
		if m.Name == model.MetricNameLabel && m.Type == labels.MatchEqual {
			look(q.store.byName[m.Value])
			return
		}
	}
	for _, name := range slices.Sorted(maps.Keys(q.store.byName)) {
		look(q.store.byName[name])
	}
}

// Select returns the series that all matchers accept, in the order of their labels.
func (q *storeQuerier) Select(_ context.Context, _ bool, hints *storage.SelectHints, ms ...*labels.Matcher) storage.SeriesSet {
	mint, maxt := q.mint, q.maxt
	if hints != nil {
		mint, maxt = max(mint, hints.Start), min(maxt, hints.End)
	}
	var out []storage.Series
	q.matching(ms, func(x *stored) {
		part := x.points[x.points.from(mint):x.points.from(maxt+1)]
		if len(part) == 0 {
			return
		}
		out = append(out, &storage.SeriesEntry{Lset: x.labels, SampleIteratorFn: func(chunkenc.Iterator) chunkenc.Iterator {
			return storage.NewListSeriesIterator(part)
		}})
	})
	slices.SortFunc(out, func(a, b storage.Series) int { return labels.Compare(a.Labels(), b.Labels()) })
	return &seriesList{list: out}
}

type seriesList struct {
	list []storage.Series
	at   int
}

func (s *seriesList) Next() bool                        { s.at++; return s.at <= len(s.list) }
func (s *seriesList) At() storage.Series                { return s.list[s.at-1] }
func (s *seriesList) Err() error                        { return nil }
func (s *seriesList) Warnings() annotations.Annotations { return nil }

// LabelValues returns the values of a label, sorted.
func (q *storeQuerier) LabelValues(_ context.Context, name string, _ *storage.LabelHints, ms ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	found := map[string]bool{}
	q.matching(ms, func(x *stored) {
		if v := x.labels.Get(name); v != "" {
			found[v] = true
		}
	})
	return slices.Sorted(maps.Keys(found)), nil, nil
}

// LabelNames returns the names of labels, sorted.
func (q *storeQuerier) LabelNames(_ context.Context, _ *storage.LabelHints, ms ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	found := map[string]bool{}
	q.matching(ms, func(x *stored) { x.labels.Range(func(l labels.Label) { found[l.Name] = true }) })
	return slices.Sorted(maps.Keys(found)), nil, nil
}

// Close closes nothing.
func (*storeQuerier) Close() error { return nil }

// AppenderV2 returns what rules write their samples with.
func (s *store) AppenderV2(context.Context) storage.AppenderV2 { return &storeAppender{store: s} }

type storeAppender struct{ store *store }

// Append adds a sample. It returns an error where that is older than the last of the series.
func (a *storeAppender) Append(_ storage.SeriesRef, ls labels.Labels, _, t int64, v float64, h *histogram.Histogram, fh *histogram.FloatHistogram, _ storage.AppendV2Options) (storage.SeriesRef, error) {
	a.store.mu.Lock()
	defer a.store.mu.Unlock()
	x := a.store.series(ls)
	if h != nil {
		fh = h.ToFloat(nil)
	}
	if n := len(x.points); n > 0 && t <= x.points[n-1].t {
		switch last := x.points[n-1]; {
		case t == last.t && math.Float64bits(last.v) == math.Float64bits(v) && last.h == nil && fh == nil:
			return 0, nil
		case t == last.t:
			return 0, storage.ErrDuplicateSampleForTimestamp
		}
		return 0, storage.ErrOutOfOrderSample
	}
	p := point{t: t, v: v}
	switch {
	case fh != nil:
		p.h, x.native = fh.Copy(), true
	case x.native:
		p.h = &histogram.FloatHistogram{Sum: v} // where it ends
	}
	x.points = append(x.points, p)
	return 0, nil
}

// Commit has nothing to do: what is appended is there.
func (*storeAppender) Commit() error { return nil }

// Rollback has nothing to do: rules roll back nothing that they have appended.
func (*storeAppender) Rollback() error { return nil }
