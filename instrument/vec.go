package instrument

import (
	"iter"
	"maps"
	"regexp"
	"sync"
	"sync/atomic"

	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/obsgen/obsgen/catalog"
)

// Other is the value of a label in place of those beyond its bound.
const Other = "other"

// meta is what a series carries beside its value.
type meta struct {
	labels  []*dto.LabelPair
	created *timestamppb.Timestamp
}

// vec is the series of a metric. Combinations of closed labels are entries of a table, found by their values' places;
// below each hang those of the open labels, a map for each label. Finding a series that is there takes no lock and
// allocates nothing.
type vec[C any] struct {
	registry *Registry
	metric   *catalog.Metric
	closed   []closedLabel
	open     []openLabel
	table    []entry[C]
	make     func(meta) *C
	mu       sync.Mutex // for what is added
}

type closedLabel struct {
	pos    int // in the key
	values []string
}

type openLabel struct {
	pos     int
	def     *catalog.LabelDef
	pattern *regexp.Regexp
	// known are the values that have come so far, at most def.Max.
	known atomic.Pointer[map[string]struct{}]
}

type entry[C any] struct {
	series atomic.Pointer[C]
	next   atomic.Pointer[map[string]*entry[C]]
}

func newVec[C any](r *Registry, m *catalog.Metric, make func(meta) *C) *vec[C] {
	v := &vec[C]{registry: r, metric: m, make: make}
	size := 1
	open := 0
	for _, l := range m.Labels {
		if !l.Closed() {
			open++
		}
	}
	v.open = append(v.open, make_[openLabel](open)...)
	open = 0
	for pos, l := range m.Labels {
		if l.Closed() {
			v.closed = append(v.closed, closedLabel{pos, l.Values})
			size *= len(l.Values) + 1 // one for what was never declared
			continue
		}
		o := &v.open[open]
		open++
		o.pos, o.def = pos, l
		if l.Pattern != "" {
			o.pattern, _ = regexp.Compile("^(?s:" + l.Pattern + ")$") // the catalog's check has compiled it
		}
	}
	v.table = make_[entry[C]](size)
	return v
}

// make_ is the built-in, which a field of the name hides.
func make_[T any](n int) []T { return make([]T, n) }

// with returns the series of a key.
func (v *vec[C]) with(k *[6]string) *C {
	if c := v.find(k); c != nil {
		return c
	}
	return v.add(*k)
}

func (v *vec[C]) find(k *[6]string) *C {
	i := 0
	for d := range v.closed {
		l := &v.closed[d]
		value, at := k[l.pos], len(l.values)
		for j := range l.values {
			if l.values[j] == value {
				at = j
				break
			}
		}
		i = i*(len(l.values)+1) + at
	}
	e := &v.table[i]
	for d := range v.open {
		m := e.next.Load()
		if m == nil {
			return nil
		}
		next, ok := (*m)[k[v.open[d].pos]]
		if !ok {
			return nil
		}
		e = next
	}
	return e.series.Load()
}

// add returns the series of a key that is not there as it is: values beyond a label's bound, and those that it cannot
// have, are replaced first.
func (v *vec[C]) add(k [6]string) *C {
	for _, l := range v.closed {
		if !contains(l.values, k[l.pos]) {
			v.fold(&k, l.pos)
		}
	}
	for i := range v.open {
		if o := &v.open[i]; !v.accepts(o, k[o.pos]) {
			v.fold(&k, o.pos)
		}
	}
	if c := v.find(&k); c != nil {
		return c
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if c := v.find(&k); c != nil {
		return c
	}
	i := 0
	for _, l := range v.closed {
		at := len(l.values)
		for j := range l.values {
			if l.values[j] == k[l.pos] {
				at = j
			}
		}
		i = i*(len(l.values)+1) + at
	}
	e := &v.table[i]
	for d := range v.open {
		value := k[v.open[d].pos]
		var m map[string]*entry[C]
		if old := e.next.Load(); old != nil {
			m = *old
		}
		next, ok := m[value]
		if !ok {
			next = &entry[C]{}
			// Readers keep the old map: it is never written to.
			grown := maps.Clone(m)
			if grown == nil {
				grown = map[string]*entry[C]{}
			}
			grown[cloned(value)] = next
			e.next.Store(&grown)
		}
		e = next
	}
	c := v.make(v.meta(&k))
	e.series.Store(c)
	return c
}

// cloned frees a value from the larger text that it may be a part of, such as a whole request.
func cloned(s string) string { return string(append([]byte(nil), s...)) }

func (v *vec[C]) meta(k *[6]string) meta {
	m := meta{created: timestamppb.New(v.registry.now())}
	for i, l := range v.metric.Labels {
		if k[i] != "" { // an empty value is no label
			m.labels = append(m.labels, &dto.LabelPair{Name: proto.String(l.Name), Value: proto.String(cloned(k[i]))})
		}
	}
	sortPairs(m.labels)
	return m
}

func sortPairs(ps []*dto.LabelPair) {
	for i := 1; i < len(ps); i++ {
		for j := i; j > 0 && ps[j].GetName() < ps[j-1].GetName(); j-- {
			ps[j], ps[j-1] = ps[j-1], ps[j]
		}
	}
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// accepts reports whether an open label can take a value beside those that it has.
func (v *vec[C]) accepts(o *openLabel, value string) bool {
	known := o.known.Load()
	if known != nil {
		if _, ok := (*known)[value]; ok {
			return true
		}
		if len(*known) >= o.def.Max {
			return false
		}
	}
	if o.pattern != nil && !o.pattern.MatchString(value) {
		return false
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	var grown map[string]struct{}
	if known = o.known.Load(); known != nil {
		if _, ok := (*known)[value]; ok {
			return true
		}
		if len(*known) >= o.def.Max {
			return false
		}
		grown = maps.Clone(*known)
	} else {
		grown = map[string]struct{}{}
	}
	grown[cloned(value)] = struct{}{}
	o.known.Store(&grown)
	return true
}

// fold replaces a value and counts that.
func (v *vec[C]) fold(k *[6]string, pos int) {
	k[pos] = Other
	if f := v.registry.foldings; f != nil && any(f) != any(v) {
		f.with(&[6]string{v.metric.Name, v.metric.Labels[pos].Name}).Inc()
	}
}

// all yields the series that are there.
func (v *vec[C]) all() iter.Seq[*C] {
	return func(yield func(*C) bool) {
		var walk func(e *entry[C]) bool
		walk = func(e *entry[C]) bool {
			if c := e.series.Load(); c != nil && !yield(c) {
				return false
			}
			if m := e.next.Load(); m != nil {
				for _, next := range *m {
					if !walk(next) {
						return false
					}
				}
			}
			return true
		}
		for i := range v.table {
			if !walk(&v.table[i]) {
				return
			}
		}
	}
}

// begin makes the series that are there from the start: that of a metric without labels, and those of every combination
// of closed labels where the metric is declared Initialised.
func begin[C any](v *vec[C]) {
	if len(v.open) > 0 || len(v.closed) > 0 && !v.metric.Initialised || v.metric.Unwritten != "" {
		return
	}
	var k [6]string
	var each func(d int)
	each = func(d int) {
		if d == len(v.closed) {
			v.with(&k)
			return
		}
		for _, value := range v.closed[d].values {
			k[v.closed[d].pos] = value
			each(d + 1)
		}
	}
	each(0)
}

