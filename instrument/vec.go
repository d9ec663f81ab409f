package instrument

import (
	"context"
	"iter"
	"regexp"
	"slices"
	"sync"
	"sync/atomic"
	"unicode/utf8"
	"unsafe"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/obsgen/obsgen/catalog"
	"github.com/obsgen/obsgen/instrument/internal/table"
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

// vec is the series of a metric. Finding a series that is there takes no lock and allocates nothing.
type vec[C any] struct {
	registry *Registry
	metric   *catalog.Metric
	labels   []label
	series   table.Table[found[C]]
	recent   [64]atomic.Pointer[found[C]]
	make     func(meta) *C
	// folded is told of values that are replaced, in place of the registry's counter.
	folded func(label string)
	mu     sync.Mutex // held to add a series
}

// label is what a vec knows of a label.
type label struct {
	*catalog.LabelDef
	pattern *regexp.Regexp
	known   table.Set // the values that have come so far, at most Max, where the label is open
}

func newVec[C any](r *Registry, m *catalog.Metric, each func(meta) *C) *vec[C] {
	v := &vec[C]{registry: r, metric: m, make: each, labels: make([]label, min(6, len(m.Labels)))}
	for i := range v.labels {
		l := &v.labels[i]
		if l.LabelDef = m.Labels[i]; l.Pattern != "" {
			l.pattern, _ = regexp.Compile("^(?s:" + l.Pattern + ")$") // the catalog's check has compiled it
		}
	}
	return v
}

// with returns the series of a key.
func (v *vec[C]) with(k *[6]string) *C {
	// Most services write few series most of the time: the one that was last found in this place is mostly the one.
	slot := &v.recent[place(k, len(v.labels))%uint(len(v.recent))]
	if f := slot.Load(); f != nil && same(&f.key, k, len(v.labels)) {
		return f.series
	}
	if f := v.find(table.Hash(k[:len(v.labels)]), k); f != nil {
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

// found is a series with its key: the values as they are exposed.
type found[C any] struct {
	key    [6]string
	series *C
}

func (v *vec[C]) find(hash uint64, k *[6]string) *found[C] {
	return v.series.Find(hash, func(f *found[C]) bool { return same(&f.key, k, len(v.labels)) })
}

// add returns the series of a key that is not there as it is: values beyond a label's bound, and those that it cannot
// have, are replaced first.
func (v *vec[C]) add(k [6]string) *C {
	for i := range v.labels {
		if kept, ok := v.labels[i].accept(k[i]); ok {
			k[i] = kept
		} else {
			v.fold(&k, i)
		}
	}
	hash := table.Hash(k[:len(v.labels)])
	if f := v.find(hash, &k); f != nil {
		return f.series
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if f := v.find(hash, &k); f != nil {
		return f.series
	}
	return v.series.Add(hash, found[C]{k, v.make(v.meta(&k))}).series
}

// accept reports whether a label can take a value beside those that it has, and returns the text to keep of it: of a closed
// label the declaration's own, which compares at a glance. Bytes that are not UTF-8 no label can have, as the exposition
// formats cannot. What is Other already is not replaced by it.
func (l *label) accept(value string) (kept string, ok bool) {
	switch {
	case l.Closed():
		if i := slices.Index(l.Values, value); i >= 0 {
			return l.Values[i], true
		}
		return Other, value == Other
	case value == Other:
		return Other, true
	}
	if kept, ok = l.known.Find(value); ok || l.known.Full(l.Max) || !utf8.ValidString(value) || l.pattern != nil && !l.pattern.MatchString(value) {
		return kept, ok
	}
	return l.known.Take(value, l.Max)
}

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
		for f := range v.series.All() {
			if !yield(f.series) {
				return
			}
		}
	}
}

// begin makes the series that are there from the start: that of a metric without labels, and those of every combination
// of closed labels where the metric is declared Initialised.
func begin[C any](v *vec[C]) {
	if len(v.labels) > 0 && !v.metric.Initialised || v.metric.Unwritten != "" {
		return
	}
	var k [6]string
	var each func(i int)
	each = func(i int) {
		if i == len(v.labels) {
			v.with(&k)
			return
		}
		for _, value := range v.labels[i].Values { // none where it is open
			k[i] = value
			each(i + 1)
		}
	}
	each(0)
}
