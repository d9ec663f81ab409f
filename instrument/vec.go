package instrument

import (
	"context"
	"iter"
	"maps"
	"regexp"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/prometheus/client_golang/prometheus"
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
	// exemplar finds the labels of an exemplar in a context; nil for none.
	exemplar func(context.Context) prometheus.Labels
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
	labels   int // how many
	recent   [64]atomic.Pointer[found[C]]
	make     func(meta) *C
	// folded is told of values that are replaced, in place of the registry's counter.
	folded func(label string)
	mu     sync.Mutex // for what is added
}

type closedLabel struct {
	pos    int // in the key
	values []string
	texts  []*byte // where the values stand
}

type openLabel struct {
	pos     int
	def     *catalog.LabelDef
	pattern *regexp.Regexp
	// known are the values that have come so far, at most def.Max.
	known atomic.Pointer[map[string]struct{}]
}

type entry[C any] struct {
	found atomic.Pointer[found[C]]
	next  atomic.Pointer[map[string]*entry[C]]
}

func newVec[C any](r *Registry, m *catalog.Metric, make func(meta) *C) *vec[C] {
	v := &vec[C]{registry: r, metric: m, make: make, labels: min(6, len(m.Labels))}
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
			c := closedLabel{pos: pos, values: l.Values}
			for _, value := range l.Values {
				c.texts = append(c.texts, unsafe.StringData(value))
			}
			v.closed = append(v.closed, c)
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
	// Most services write few series most of the time: the one that was last found in this place is mostly the one.
	slot := &v.recent[place(k, v.labels)%uint(len(v.recent))]
	if f := slot.Load(); f != nil && same(&f.key, k, v.labels) {
		return f.series
	}
	if f := v.find(k); f != nil {
		slot.Store(f)
		return f.series
	}
	return v.add(*k)
}

// place returns a number that the same n values always have. It reads little of them: where they stand changes with each
// request, and comparing them comes after.
func place(k *[6]string, n int) (h uint) {
	switch n { // without a loop: this is the hot path
	case 6:
		h = mixed(h, k[5])
		fallthrough
	case 5:
		h = mixed(h, k[4])
		fallthrough
	case 4:
		h = mixed(h, k[3])
		fallthrough
	case 3:
		h = mixed(h, k[2])
		fallthrough
	case 2:
		h = mixed(h, k[1])
		fallthrough
	case 1:
		h = mixed(h, k[0])
	}
	return h
}

func mixed(h uint, s string) uint {
	if len(s) == 0 {
		return h
	}
	return h<<3 ^ uint(len(s)) ^ uint(s[len(s)-1])
}

// same reports whether the first n values of two keys are the same.
func same(a, b *[6]string, n int) bool {
	switch n {
	case 6:
		if !alike(a[5], b[5]) {
			return false
		}
		fallthrough
	case 5:
		if !alike(a[4], b[4]) {
			return false
		}
		fallthrough
	case 4:
		if !alike(a[3], b[3]) {
			return false
		}
		fallthrough
	case 3:
		if !alike(a[2], b[2]) {
			return false
		}
		fallthrough
	case 2:
		if !alike(a[1], b[1]) {
			return false
		}
		fallthrough
	case 1:
		return alike(a[0], b[0])
	}
	return true
}

// alike compares two values. Declared ones are the same text in memory: only others have to be read.
func alike(a, b string) bool {
	return len(a) == len(b) && (unsafe.StringData(a) == unsafe.StringData(b) || a == b)
}

// found is a series with its key.
type found[C any] struct {
	key    [6]string
	series *C
}

func (v *vec[C]) find(k *[6]string) *found[C] {
	i := 0
	for d := range v.closed {
		l := &v.closed[d]
		i = i*(len(l.values)+1) + l.at(k[l.pos])
	}
	e := &v.table[i]
	for d := range v.open {
		if e = e.below(k[v.open[d].pos]); e == nil {
			return nil
		}
	}
	return e.found.Load()
}

// at returns the place of a value among those of the label, their number where it is none of them.
func (l *closedLabel) at(value string) int {
	// A declared value is the very text of the declaration: comparing where it stands tells without reading it.
	for j, p := range l.texts {
		if p == unsafe.StringData(value) {
			if len(l.values[j]) == len(value) {
				return j
			}
		}
	}
	for j := range l.values {
		if l.values[j] == value {
			return j
		}
	}
	return len(l.values)
}

// below returns the entry of an open label's value, nil where there is none yet.
func (e *entry[C]) below(value string) *entry[C] {
	m := e.next.Load()
	if m == nil {
		return nil
	}
	return (*m)[value]
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
	if f := v.find(&k); f != nil {
		return f.series
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if f := v.find(&k); f != nil {
		return f.series
	}
	i := 0
	for d := range v.closed {
		l := &v.closed[d]
		i = i*(len(l.values)+1) + l.at(k[l.pos])
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
	for d := range v.closed { // the declaration's own text, which compares at a glance
		if l := &v.closed[d]; l.at(k[l.pos]) < len(l.values) {
			k[l.pos] = l.values[l.at(k[l.pos])]
		}
	}
	for d := range v.open {
		k[v.open[d].pos] = cloned(k[v.open[d].pos])
	}
	c := v.make(v.meta(&k))
	e.found.Store(&found[C]{k, c})
	return c
}

// cloned frees a value from the larger text that it may be a part of, such as a whole request.
func cloned(s string) string { return string(append([]byte(nil), s...)) }

func (v *vec[C]) meta(k *[6]string) meta {
	m := meta{created: timestamppb.New(v.registry.now()), exemplar: v.registry.exemplar}
	for i, l := range v.metric.Labels {
		if k[i] != "" { // an empty value is no label
			m.labels = append(m.labels, &dto.LabelPair{Name: proto.String(l.Name), Value: proto.String(k[i])})
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
	if v.folded != nil {
		v.folded(v.metric.Labels[pos].Name)
		return
	}
	if f := v.registry.foldings; f != nil && any(f) != any(v) {
		f.with(&[6]string{v.metric.Name, v.metric.Labels[pos].Name}).Inc()
	}
}

// all yields the series that are there.
func (v *vec[C]) all() iter.Seq[*C] {
	return func(yield func(*C) bool) {
		var walk func(e *entry[C]) bool
		walk = func(e *entry[C]) bool {
			if f := e.found.Load(); f != nil && !yield(f.series) {
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
